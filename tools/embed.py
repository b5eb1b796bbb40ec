#!/usr/bin/env python3
"""Makes C of files, so that a program carries them: embed.py OUT.c HEADER PREFIX FILE...

Each FILE "x.css" becomes the bytes PREFIX_css and their number PREFIX_css_len, declared in HEADER.
"""
import os
import sys

out, header, prefix, *files = sys.argv[1:]
with open(out, "w", encoding="ascii") as c:
    c.write(f'#include "{header}"\n')
    for path in files:
        name = f"{prefix}_{os.path.splitext(path)[1][1:]}"
        with open(path, "rb") as file:
            data = file.read()
        c.write(f"\nconst unsigned {name}_len = {len(data)};\nconst unsigned char {name}[] = {{\n")
        for at in range(0, len(data), 20):
            c.write("".join(f"{byte}," for byte in data[at : at + 20]) + "\n")
        c.write("};\n")
