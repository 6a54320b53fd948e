#!/usr/bin/env bash
# From a fresh clone to pictures: installs what is missing, builds, trains the textbook VAE on Fashion-MNIST for
# three epochs, and draws from it. Each call makes a new run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/setup.sh --demo
# Without the tests, which need more; and no new compiler's warning shall stop anybody here.
cmake --preset release -DVKVAE_TESTS=OFF --compile-no-warning-as-error
cmake --build --preset release --parallel "$(nproc)"

run=runs/demo
for ((n = 2; ; n++)); do
    [[ -e $run ]] || break
    run=runs/demo-$n
done
build/release/vkvae train --data fashion-mnist --epochs 3 --out "$run"
build/release/vkvae sample "$run" -n 64 --seed 7 -o "$run/sample.png"

cat <<END

Done. The pictures are in $PWD/$run:
  sample.png                  64 pieces of clothing that the model made up
  samples-00N.png             the same noise after each epoch, to watch it learn
  reconstruction-00N.png      originals above, reconstructions below
  loss.png                    the curves
Next:
  build/release/vkvae train --resume $run --epochs 10
END
