#!/usr/bin/env python3
"""Makes C and JSON of api/openapi.yaml, so that the contract stands once.

  gen_routes.py api/openapi.yaml ROUTES_H ROUTES_C PROBLEMS_H OPENAPI_JSON
  gen_routes.py --check api/openapi.yaml

  ROUTES_H    prototypes of the handlers, api_<operationId>, and the declarations of the tables
  ROUTES_C    the table of struct http_route, the problems' names, the contract's JSON as bytes
  PROBLEMS_H  enum problem: a number for each code of x-problems
  OPENAPI_JSON the contract as it is served

A missing handler fails at link. An operation without x-roles, with an unknown role or without an
operationId of its own, a code that ProblemCode does not list, a reference that leads nowhere: all of
them are named and fail here.
"""
import json
import re
import sys

import yaml

ROLES = {"public": 1, "buyer": 2, "organiser": 4, "gate": 8, "support": 16, "admin": 32, "provider": 64}
METHODS = ["get", "post", "put", "patch", "delete"]


def read(path):
    with open(path, encoding="utf-8") as source:
        return yaml.safe_load(source)


def operations(contract):
    for path, item in contract["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item, item[method]


def resolve(contract, reference):
    node = contract
    for part in reference.removeprefix("#/").split("/"):
        node = node[part]
    return node


def references(node):
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def faults(contract):
    """One line of text for each thing that is wrong."""
    seen = {}
    for path, method, item, operation in operations(contract):
        at = f"{method.upper()} {path}"
        name = operation.get("operationId")
        if not name or not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            yield f"{at}: needs an operationId in snake_case"
        elif name in seen:
            yield f"{at}: operationId {name} is also that of {seen[name]}"
        seen[name] = at
        roles = operation.get("x-roles")
        if not roles:
            yield f"{at}: needs x-roles"
        for role in roles or []:
            if role not in ROLES:
                yield f"{at}: role {role} is not one of {', '.join(ROLES)}"
        named = []
        for parameter in item.get("parameters", []) + operation.get("parameters", []):
            if "$ref" in parameter:
                try:
                    parameter = resolve(contract, parameter["$ref"])
                except KeyError:
                    continue
            if parameter["in"] == "path":
                named.append(parameter["name"])
        if sorted(named) != sorted(re.findall(r"\{([^}]+)\}", path)):
            yield f"{at}: the path's parameters and the declared ones differ"
    for reference in set(references(contract)):
        try:
            resolve(contract, reference)
        except KeyError:
            yield f"{reference}: leads nowhere"
    listed = contract["components"]["schemas"]["ProblemCode"]["enum"]
    for code in sorted(set(listed) ^ set(contract["x-problems"])):
        yield f"code {code}: stands in only one of x-problems and ProblemCode"
    for code, problem in contract["x-problems"].items():
        if not 400 <= problem["status"] <= 599 or not problem["title"]:
            yield f"code {code}: needs a status of 4xx or 5xx and a title"


def quoted(text):
    return json.dumps(text, ensure_ascii=True)


BANNER = "/* Made by tools/gen_routes.py from api/openapi.yaml. Do not edit. */\n"


def write_routes_h(contract, to):
    out = [BANNER, "#ifndef ONSALE_API_ROUTES_GEN_H\n#define ONSALE_API_ROUTES_GEN_H\n\n"]
    out.append('#include "http/server.h"\n\n')
    for role, bit in ROLES.items():
        out.append(f"#define API_ROLE_{role.upper()} {bit}u\n")
    out.append("#define API_ROUTE_DEMO 256u /* exists in the demo only */\n\n")
    for _, _, _, operation in operations(contract):
        out.append(f"void api_{operation['operationId']}(struct http_exchange *x);\n")
    out.append("\nextern const struct http_route api_routes[];\n")
    out.append("extern const size_t api_route_count;\n")
    out.append("extern const char api_openapi_json[];\nextern const size_t api_openapi_json_len;\n")
    out.append("\n#endif\n")
    to.write("".join(out))


def write_routes_c(contract, compact, to):
    out = [BANNER, '#include "routes.gen.h"\n\n#include "problems.gen.h"\n\n']
    out.append("const struct http_route api_routes[] = {\n")
    for path, method, _, operation in operations(contract):
        name = operation["operationId"]
        bits = [f"API_ROLE_{role.upper()}" for role in operation["x-roles"]]
        if operation.get("x-demo"):
            bits.append("API_ROUTE_DEMO")
        out.append(f"    {{HTTP_METHOD_{method.upper()}, {quoted(path)}, api_{name}, "
                   f"{operation.get('x-max-body', 0)}u, {' | '.join(bits)}, {quoted(name)}}},\n")
    out.append("};\nconst size_t api_route_count = sizeof api_routes / sizeof api_routes[0];\n\n")
    out.append("const struct problem_text problem_texts[] = {\n")
    for code, problem in contract["x-problems"].items():
        out.append(f"    {{{problem['status']}, {quoted(code)}, {quoted(problem['title'])}}},\n")
    out.append("};\n\nconst char api_openapi_json[] = {\n")
    data = compact.encode()
    for start in range(0, len(data), 24):
        out.append("    " + "".join(f"{byte}," for byte in data[start:start + 24]) + "\n")
    out.append("};\nconst size_t api_openapi_json_len = sizeof api_openapi_json;\n")
    to.write("".join(out))


def write_problems_h(contract, to):
    out = [BANNER, "#ifndef ONSALE_API_PROBLEMS_GEN_H\n#define ONSALE_API_PROBLEMS_GEN_H\n\nenum problem {\n"]
    for code in contract["x-problems"]:
        out.append(f"    PROBLEM_{code.upper()},\n")
    out.append("    PROBLEM_COUNT\n};\n\nstruct problem_text {\n    int status;\n    const char *code, *title;\n};\n")
    out.append("/* One for each number of enum problem. */\n")
    out.append("extern const struct problem_text problem_texts[];\n\n#endif\n")
    to.write("".join(out))


def main(arguments):
    check = arguments[:1] == ["--check"]
    if len(arguments) != (2 if check else 5):
        print(__doc__, file=sys.stderr)
        return 2
    contract = read(arguments[1] if check else arguments[0])
    wrong = list(faults(contract))
    for line in wrong:
        print(f"openapi.yaml: {line}", file=sys.stderr)
    if wrong or check:
        return 1 if wrong else 0
    compact = json.dumps(contract, ensure_ascii=False, separators=(",", ":"), default=str)
    with open(arguments[1], "w", encoding="utf-8") as to:
        write_routes_h(contract, to)
    with open(arguments[2], "w", encoding="utf-8") as to:
        write_routes_c(contract, compact, to)
    with open(arguments[3], "w", encoding="utf-8") as to:
        write_problems_h(contract, to)
    with open(arguments[4], "w", encoding="utf-8") as to:
        to.write(compact + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
