"""utils/check_tree.py refuses each broken habit."""

import unittest

from planted import PlantedTree

MAP = "# Architecture\n\n## The house\n\n```\nlib/             compiler\nlib/Transforms/  passes\n```\n"
PASS = (
    "class FuseQKVPass : public PassWrapper<FuseQKVPass, OperationPass<>> {\n"
    '  StringRef getArgument() const final { return "xf-fuse-qkv"; }\n'
    '  void runOnOperation() override { remarkDone(op, getArgument(), "one product for 3"); }\n'
)


class CheckTree(PlantedTree):
    script = "check_tree.py"

    def setUp(self):
        super().setUp()
        self.write("ARCHITECTURE.md", MAP)
        self.write("lib/Transforms/A.cpp", "int a;\n")

    def test_a_tidy_tree(self):
        self.assert_passes()

    def test_folder_missing_from_the_map(self):
        self.write("lib/Import/A.cpp", "")
        self.assert_fails("lib/Import/:1: is not in ARCHITECTURE.md's folder map")

    def test_folder_missing_from_the_tree(self):
        self.write("ARCHITECTURE.md", MAP.replace("passes\n", "passes\nlib/Import/      readers\n"))
        self.assert_fails("ARCHITECTURE.md:8: names lib/Import/, which does not exist")

    def test_no_map(self):
        self.write("ARCHITECTURE.md", "# Architecture\n")
        self.assert_fails("has no fenced folder map")

    def test_long_file(self):
        self.write("lib/Transforms/A.cpp", "int a;\n" * 800)
        self.assert_passes()
        self.write("lib/Transforms/A.cpp", "int a;\n" * 801)
        self.assert_fails("lib/Transforms/A.cpp:801: has more than 800 lines")

    def test_left_open(self):
        self.write("lib/Transforms/A.cpp", "\n// TO" + "DO: the rest\n")
        self.assert_fails("lib/Transforms/A.cpp:2: TO" + "DO")

    def test_path_of_one_machine(self):
        self.write("lib/Transforms/A.cpp", 'auto p = "/ho' + 'me/me/model.gguf";\n')
        self.assert_fails("lib/Transforms/A.cpp:1: names a path of one machine")

    def test_host_of_a_registry(self):
        self.write("lib/Transforms/A.cpp", "// https://pypi" + ".org/project/x\n")
        self.assert_fails("lib/Transforms/A.cpp:1: names a package registry's host")

    def test_grab_bag(self):
        self.write("lib/Transforms/Utils.h", "")
        self.assert_fails("lib/Transforms/Utils.h:1: is a grab bag")

    def test_long_main(self):
        self.write("tools/x/main.cpp", "int main() {\n" + "  f();\n" * 50 + "}\n")
        self.write("ARCHITECTURE.md", MAP.replace("passes\n", "passes\ntools/ t\ntools/x/ x\n"))
        self.assert_fails("tools/x/main.cpp:1: main has 52 lines")

    def test_a_pass_with_one_name(self):
        self.write("lib/Transforms/FuseQKV.cpp", PASS)
        self.write("test/fuse-qkv.mlir", "")
        self.write("ARCHITECTURE.md", MAP.replace("passes\n", "passes\ntest/ t\n"))
        self.assert_passes()

    def test_a_pass_that_says_nothing(self):
        self.write("lib/Transforms/FuseQKV.cpp", PASS.replace("remarkDone(", "done("))
        self.write("test/fuse-qkv.mlir", "")
        self.write("ARCHITECTURE.md", MAP.replace("passes\n", "passes\ntest/ t\n"))
        self.assert_fails("lib/Transforms/FuseQKV.cpp:1: pass xf-fuse-qkv says nowhere what it did: remarkDone")

    def test_a_pass_without_file_and_test(self):
        self.write("lib/Transforms/A.cpp", PASS)
        self.assert_fails("no file lib/**/FuseQKV.cpp", "no test fuse-qkv.mlir")

    def test_a_pass_in_tablegen_with_two_names(self):
        self.write("lib/Transforms/Passes.td", 'def MergeQKVPass : Pass<"xf-fuse-qkv", "ModuleOp"> {\n')
        self.write("lib/Transforms/MergeQKV.cpp", "remarkDone(op);\n")
        self.write("test/fuse-qkv.mlir", "")
        self.write("ARCHITECTURE.md", MAP.replace("passes\n", "passes\ntest/ t\n"))
        self.assert_fails("lib/Transforms/Passes.td:1: pass xf-fuse-qkv: its class is MergeQKVPass")

    def test_much_data(self):
        (self.root / "test/Data").mkdir(parents=True)
        with open(self.root / "test/Data/big.bin", "wb") as file:
            file.truncate(25_000_001)
        self.write("ARCHITECTURE.md", MAP.replace("passes\n", "passes\ntest/ t\ntest/Data/ d\n"))
        self.assert_fails("test/Data/:1: holds 25000001 bytes")


if __name__ == "__main__":
    unittest.main()
