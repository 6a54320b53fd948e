#!/usr/bin/env python3
"""Writes z for a traversal: a row for each latent, which goes from -3 to 3 while the others are 0.

    scripts/traversal.py LATENT COLUMNS z.npy
    vkvae sample RUN --from z.npy --columns COLUMNS -o traversal.png
"""
import struct
import sys

if len(sys.argv) != 4:
    sys.exit(__doc__)
latent, columns = int(sys.argv[1]), int(sys.argv[2])
rows = []
for j in range(latent):
    for i in range(columns):
        z = [0.0] * latent
        z[j] = -3 + 6 * i / max(columns - 1, 1)
        rows.append(struct.pack("<%df" % latent, *z))
header = "{'descr': '<f4', 'fortran_order': False, 'shape': (%d, %d), }" % (len(rows), latent)
header += " " * (63 - (10 + len(header)) % 64) + "\n"
with open(sys.argv[3], "wb") as file:
    file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + b"".join(rows))
