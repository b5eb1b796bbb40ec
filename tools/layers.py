#!/usr/bin/env python3
"""Keeps src/layers.txt true: who may include whom.

  layers.py farm BUILD   make BUILD/include/FOLDER/FOLDER -> src/FOLDER, one include path a folder
  layers.py list         the folders in order, one a line
  layers.py paths FOLDER the folders that FOLDER sees, itself first
  layers.py check        every #include line in src/: exit 1 and name each wrong one
"""
import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SRC = os.path.join(TOP, "src")
INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')


def table():
    rules = {}
    with open(os.path.join(SRC, "layers.txt"), encoding="utf-8") as lines:
        for line in lines:
            line = line.split("#")[0].strip()
            if line:
                folder, seen = line.split(":")
                rules[folder.strip()] = seen.split()
    return rules


def farm(build):
    for folder in table():
        path = os.path.join(build, "include", folder)
        os.makedirs(path, exist_ok=True)
        link = os.path.join(path, folder)
        if not os.path.islink(link):
            os.symlink(os.path.join(SRC, folder), link)


def check():
    rules, wrong = table(), []
    for folder in sorted(os.listdir(SRC)):
        where = os.path.join(SRC, folder)
        if not os.path.isdir(where):
            continue
        if folder not in rules:
            wrong.append(f"src/{folder}: not in src/layers.txt")
            continue
        for root, _, names in os.walk(where):
            for name in sorted(names):
                if not name.endswith((".c", ".h", ".inc", ".def")):
                    continue
                path = os.path.join(root, name)
                for number, line in enumerate(open(path, encoding="utf-8"), 1):
                    found = INCLUDE.match(line)
                    if not found:
                        continue
                    target, at = found.group(1), f"{os.path.relpath(path, TOP)}:{number}"
                    if ".." in target.split("/") or target.startswith("/"):
                        wrong.append(f"{at}: \"{target}\" is a relative path; write folder/file.h")
                    elif "/" in target and target.split("/")[0] not in rules[folder] + [folder]:
                        wrong.append(f"{at}: src/{folder} may not include {target.split('/')[0]}")
                    elif "/" not in target and not target.endswith(".gen.h"):
                        wrong.append(f"{at}: write \"{folder}/{target}\"")
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def main(arguments):
    if len(arguments) == 2 and arguments[0] == "farm":
        farm(arguments[1])
    elif arguments == ["list"]:
        print("\n".join(table()))
    elif len(arguments) == 2 and arguments[0] == "paths":
        print("\n".join([arguments[1]] + table()[arguments[1]]))
    elif arguments and arguments[0] == "check":
        code = check()
        if code == 0 and len(arguments) == 2:  # a stamp file for the build
            open(arguments[1], "w", encoding="utf-8").close()
        return code
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
