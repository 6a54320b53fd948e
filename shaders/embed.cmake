# Writes the words of a little-endian SPIR-V file as a C array: cmake -DINPUT= -DOUTPUT= -DNAME= -P embed.cmake
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "(..)(..)(..)(..)" "0x\\4\\3\\2\\1," words "${hex}")
string(REGEX REPLACE "(0x........,0x........,0x........,0x........,0x........,0x........,0x........,0x........,)"
                     "\\1\n    " words "${words}")
file(WRITE ${OUTPUT}.new "static const uint32_t vv_spirv_${NAME}[] = {\n    ${words}\n};\n")
file(RENAME ${OUTPUT}.new ${OUTPUT})
