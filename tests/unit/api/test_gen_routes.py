#!/usr/bin/env python3
"""The generator of routes refuses a contract that is not whole, and makes what C compiles."""
import copy
import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest

TOP = os.environ.get("ONSALE_TOP") or os.path.abspath(
    os.path.join(os.path.dirname(__file__), "..", "..", ".."))
SCRIPT = os.path.join(TOP, "tools", "gen_routes.py")
CONTRACT = os.path.join(TOP, "api", "openapi.yaml")

sys.dont_write_bytecode = True
spec = importlib.util.spec_from_file_location("gen_routes", SCRIPT)
gen_routes = importlib.util.module_from_spec(spec)
spec.loader.exec_module(gen_routes)


class Faults(unittest.TestCase):
    def setUp(self):
        self.contract = copy.deepcopy(gen_routes.read(CONTRACT))
        self.events = self.contract["paths"]["/api/v1/events"]["get"]

    def faults(self):
        return "\n".join(gen_routes.faults(self.contract))

    def test_the_contract_of_the_tree_has_none(self):
        self.assertEqual(self.faults(), "")

    def test_an_operation_without_roles_is_named(self):
        del self.events["x-roles"]
        self.assertEqual(self.faults(), "GET /api/v1/events: needs x-roles")

    def test_an_empty_list_of_roles_is_none(self):
        self.events["x-roles"] = []
        self.assertIn("needs x-roles", self.faults())

    def test_a_role_that_does_not_exist_is_named(self):
        self.events["x-roles"] = ["king"]
        self.assertIn("role king", self.faults())

    def test_two_operations_of_one_name_are_named(self):
        self.events["operationId"] = "event_get"
        self.assertIn("operationId event_get is also that of", self.faults())

    def test_an_operation_without_a_name_is_named(self):
        del self.events["operationId"]
        self.assertIn("needs an operationId", self.faults())

    def test_a_path_parameter_that_is_not_declared_is_named(self):
        del self.contract["paths"]["/api/v1/events/{id}"]["parameters"]
        self.assertIn("GET /api/v1/events/{id}: the path's parameters", self.faults())

    def test_a_reference_that_leads_nowhere_is_named(self):
        self.events["responses"]["200"]["$ref"] = "#/components/responses/Nope"
        self.assertIn("#/components/responses/Nope: leads nowhere", self.faults())

    def test_a_code_in_one_list_only_is_named(self):
        del self.contract["x-problems"]["busy"]
        self.contract["components"]["schemas"]["ProblemCode"]["enum"].append("odd")
        self.assertIn("code busy", self.faults())
        self.assertIn("code odd", self.faults())

    def test_a_problem_with_a_good_status_is_named(self):
        self.contract["x-problems"]["busy"]["status"] = 200
        self.assertIn("code busy: needs a status", self.faults())


class Output(unittest.TestCase):
    def test_it_names_every_handler_and_code_once(self):
        with tempfile.TemporaryDirectory() as folder:
            out = [os.path.join(folder, name) for name in ("r.h", "r.c", "p.h", "o.json")]
            subprocess.run([sys.executable, SCRIPT, CONTRACT, *out], check=True)
            header, table, problems, _ = (open(name, encoding="utf-8").read() for name in out)
        contract = gen_routes.read(CONTRACT)
        for path, method, _, operation in gen_routes.operations(contract):
            name = operation["operationId"]
            self.assertEqual(header.count(f"void api_{name}("), 1)
            self.assertEqual(table.count(f'HTTP_METHOD_{method.upper()}, "{path}", api_{name},'), 1)
        for code in contract["x-problems"]:
            self.assertEqual(problems.count(f"    PROBLEM_{code.upper()},\n"), 1)

    def test_a_contract_with_faults_makes_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            broken = os.path.join(folder, "openapi.yaml")
            with open(CONTRACT, encoding="utf-8") as source, open(broken, "w", encoding="utf-8") as to:
                to.write(source.read().replace("x-roles: [organiser]", "x-nothing: 1", 1))
            out = [os.path.join(folder, name) for name in ("r.h", "r.c", "p.h", "o.json")]
            run = subprocess.run([sys.executable, SCRIPT, broken, *out], capture_output=True, text=True,
                                 check=False)
            self.assertEqual(run.returncode, 1)
            self.assertIn("POST /api/v1/organiser/events: needs x-roles", run.stderr)
            self.assertFalse(os.path.exists(out[0]))


if __name__ == "__main__":
    unittest.main()
