"""utils/check_layers.py refuses each kind of include that points the wrong way, and no other."""

import unittest

from planted import PlantedTree


class CheckLayers(PlantedTree):
    script = "check_layers.py"

    def test_a_tree_that_keeps_the_layers(self):
        self.write("runtime/base/Error.h", "#include <string>\n")
        self.write("runtime/quant/Format.cpp", '#include "Blocks.h"\n#include "runtime/base/Error.h"\n')
        self.write("runtime/quant/Blocks.h", "")
        self.write("dialects/Transformer/Ops.td", 'include "mlir/IR/OpBase.td"\n')
        self.write(
            "lib/Import/Import.cpp",
            '#include "powerhouse/Import/Import.h"\n#include "dialects/Transformer/Ops.h.inc"\n'
            '#include "runtime/formats/Gguf.h"\n#include "mlir/IR/Builders.h"\n',
        )
        self.write("lib/Driver/Compile.cpp", '#include "powerhouse/Import/Import.h"\n')
        self.write("tools/ph/main.cpp", '#include "runtime/session/Session.h"\n')
        self.write("tools/ph-stub/main.cpp", '#include "tools/ph/Run.h"\n')
        self.write("include/powerhouse-c/runtime.h", "#include <stdint.h>\n")
        self.assert_passes()

    def test_upwards(self):
        self.write("lib/Transforms/Fuse.cpp", '\n#include "powerhouse/Pipelines/Pipelines.h"\n')
        self.assert_fails("lib/Transforms/Fuse.cpp:2: includes powerhouse/Pipelines/Pipelines.h: Transforms is below")

    def test_side_by_side(self):
        self.write("include/powerhouse/Codegen/CPU/Gemv.h", '#include "powerhouse/Transforms/Passes.h"\n')
        self.write("lib/Analysis/Cost.cpp", '#include "powerhouse/Reference/Tensor.h"\n')
        self.assert_fails("include/powerhouse/Codegen/CPU/Gemv.h:1:", "lib/Analysis/Cost.cpp:1:")

    def test_tablegen_upwards(self):
        self.write("dialects/Transformer/Ops.td", 'include "powerhouse/Transforms/Passes.td"\n')
        self.assert_fails("dialects/Transformer/Ops.td:1: includes powerhouse/Transforms/Passes.td")

    def test_runtime_uses_nothing_of_the_compiler(self):
        self.write("runtime/session/A.cpp", '#include "powerhouse/Driver/Driver.h"\n')
        self.write("runtime/session/B.cpp", '#include "llvm/ADT/STLExtras.h"\n')
        self.write("runtime/session/C.cpp", '#include "dialects/Transformer/Transformer.h"\n')
        self.write("fuzz/gguf.cpp", '#include "powerhouse/Import/Import.h"\n')
        self.assert_fails("A.cpp:1:", "B.cpp:1:", "C.cpp:1:", "fuzz/gguf.cpp:1:")

    def test_base_is_below_the_rest_of_the_runtime(self):
        self.write("runtime/base/A.h", '#include "runtime/quant/Format.h"\n')
        self.assert_fails("runtime/base/A.h:1:")

    def test_compiler_uses_only_three_parts_of_the_runtime(self):
        self.write("lib/Target/x86/A.cpp", '#include "runtime/threads/Team.h"\n')
        self.assert_fails("lib/Target/x86/A.cpp:1: includes runtime/threads/Team.h: the compiler may use only")

    def test_relative_includes_are_followed(self):
        self.write("lib/Transforms/Fuse.cpp", '#include "../Conversion/Convert.h"\n')
        self.write("lib/Conversion/Convert.h", "")
        self.assert_fails("lib/Transforms/Fuse.cpp:1: includes ../Conversion/Convert.h")

    def test_ph_reaches_the_compiler_through_driver_only(self):
        self.write("tools/ph/Verify.cpp", '#include "powerhouse/Driver/Driver.h"\n#include "mlir/IR/Verifier.h"\n')
        self.assert_fails("tools/ph/Verify.cpp:2: includes mlir/IR/Verifier.h")

    def test_fuzzed_readers_use_the_runtime_only(self):
        self.write("lib/Import/ONNX/File/A.cpp", '#include "llvm/ADT/STLExtras.h"\n')
        self.write("lib/Import/ONNX/File/B.cpp", '#include "powerhouse/Import/WeightReader.h"\n')
        self.write("lib/Transforms/Fusion/C.cpp", '#include "lib/Import/ONNX/File/OnnxFile.h"\n')
        self.write("fuzz/Onnx/D.cpp", '#include "lib/Import/ONNX/OnnxSource.h"\n')
        self.assert_fails("A.cpp:1:", "B.cpp:1:", "C.cpp:1:", "D.cpp:1:")

    def test_who_uses_fuzzed_readers(self):
        self.write("lib/Import/ONNX/File/OnnxFile.h", '#include "runtime/base/Error.h"\n')
        self.write("lib/Import/ONNX/A.cpp", '#include "File/OnnxFile.h"\n')
        self.write("fuzz/Onnx/B.cpp", '#include "lib/Import/ONNX/File/OnnxFile.h"\n')
        self.write("lib/Import/Description/C.h", '#include "powerhouse/Import/SourceModel.h"\n')
        self.assert_passes()

    def test_tools_are_on_top(self):
        self.write("runtime/session/A.cpp", '#include "tools/ph/Run.h"\n')
        self.assert_fails("runtime/session/A.cpp:1: includes tools/ph/Run.h: nothing may include")

    def test_unknown_part(self):
        self.write("lib/Stuff/A.cpp", '#include "mlir/IR/Verifier.h"\n')
        self.assert_fails("'Stuff' is not a part of the compiler")

    def test_an_empty_tree_is_no_success(self):
        self.assertEqual(self.run_script()[0], 1)


if __name__ == "__main__":
    unittest.main()
