// Programs compiled for this machine, against the interpreter on the functions that they are made of.
#include "runtime/session/Program.h"
#include "mlir/IR/OwningOpRef.h"
#include "mlir/Parser/Parser.h"
#include "powerhouse/Codegen/CPU/CpuLevel.h"
#include "powerhouse/Conversion/Programs.h"
#include "powerhouse/Pipelines/Pipelines.h"
#include "powerhouse/Reference/Interpreter.h"
#include "powerhouse/Target/X86.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace ph;

namespace {

struct NoWeights : reference::WeightProvider {
  Expected<std::vector<float>> read(xf::WeightOp, int64_t) override {
    return Error{ErrorCode::Failed, "there are no weights"};
  }
};

class ProgramTest : public testing::Test {
protected:
  ProgramTest() : context(MLIRContext::Threading::DISABLED) {
    DialectRegistry registry;
    registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect,
                    scf::SCFDialect, vector::VectorDialect, xf::XFDialect>();
    registerProgramDialects(registry);
    reference::registerReferenceModels(registry);
    context.appendDialectRegistry(registry);
    context.loadAllAvailableDialects();
  }

  /// Compiles the function @f of `text`.
  void compile(const std::string &text) {
    source = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(source);
    OwningOpRef<ModuleOp> module = source->clone();
    const codegen::CpuLevel *level = codegen::hostCpuLevel();
    if (!level)
      GTEST_SKIP() << "this CPU is below x86-64-v3";
    PassManager pm(&context);
    buildProgramPipeline(pm);
    buildKernelPipeline(pm, level->name.str());
    ASSERT_TRUE(succeeded(pm.run(*module)));
    describe(*module);
    PassManager lower(&context);
    target::buildLowerToLLVMPipeline(lower);
    ASSERT_TRUE(succeeded(lower.run(*module)));
    auto options = target::x86OptionsForLevel(level->name.str());
    llvm::LLVMContext llvmContext;
    auto translated = target::translateToLLVM(*module, *options, llvmContext);
    ASSERT_TRUE(translated) << translated.error().message;
    auto object = target::emitMachineCode(**translated, *options, /*assembly=*/false);
    ASSERT_TRUE(object) << object.error().message;
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
    jit = cantFail(llvm::orc::LLJITBuilder().create());
    cantFail(jit->addObjectFile(llvm::MemoryBuffer::getMemBufferCopy(*object, "program.o")));
    program.emplace(info, cantFail(jit->lookup("ph_f")).toPtr<ProgramFn>(),
                    cantFail(jit->lookup("ph_f_plan")).toPtr<ProgramPlanFn>());
  }

  void describe(ModuleOp module) {
    auto entry = cast<DictionaryAttr>(module->getAttrOfType<ArrayAttr>(conversion::kProgramsAttr)[0]);
    info.name = "f";
    auto read = [&](StringRef key, std::vector<ProgramTensor> &into) {
      for (auto tensor : entry.getAs<ArrayAttr>(key).getAsRange<DictionaryAttr>()) {
        ProgramTensor &made = into.emplace_back();
        made.name = tensor.getAs<StringAttr>("name").str();
        made.element = *parseTensorElement(tensor.getAs<StringAttr>("element").getValue());
        for (auto size : tensor.getAs<ArrayAttr>("shape").getAsRange<IntegerAttr>())
          made.shape.push_back(size.getInt());
      }
    };
    read("inputs", info.inputs);
    read("results", info.results);
  }

  /// Runs both on random inputs of these shapes; `threads` of the program's differ in nothing but speed.
  void compare(std::vector<std::vector<int64_t>> shapes, double tolerance = 1e-5) {
    std::map<std::string, HostTensor> inputs;
    llvm::SmallVector<reference::Value> arguments;
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    for (auto [shape, input] : llvm::zip_equal(shapes, info.inputs)) {
      int64_t count = 1;
      for (int64_t size : shape)
        count *= size;
      std::vector<float> values;
      std::vector<int32_t> numbers;
      reference::Tensor tensor{llvm::ArrayRef<int64_t>(shape)};
      for (int64_t i = 0; i < count; ++i) {
        if (input.element == TensorElement::I32)
          tensor.data[i] = numbers.emplace_back(int32_t(random() % 4));
        else
          tensor.data[i] = values.emplace_back(normal(random));
      }
      inputs[input.name] = input.element == TensorElement::I32 ? HostTensor::ofIntegers(shape, numbers)
                                                               : HostTensor::ofFloats(shape, values);
      arguments.push_back(std::move(tensor));
    }
    NoWeights weights;
    reference::Context interpreter(weights);
    llvm::SmallVector<reference::Value> expected;
    auto function = source->lookupSymbol<func::FuncOp>("f");
    ASSERT_TRUE(succeeded(interpreter.call(function, arguments, expected)));
    std::vector<HostTensor> first;
    for (int threads : {1, 3}) {
      auto team = Team::create(threads);
      ASSERT_TRUE(team);
      auto results = program->run(**team, nullptr, inputs);
      ASSERT_TRUE(results) << results.error().message;
      for (auto [got, want] : llvm::zip_equal(*results, expected)) {
        ASSERT_EQ(llvm::ArrayRef<int64_t>(got.shape), llvm::ArrayRef<int64_t>(want.tensor().shape));
        double largest = 0;
        for (double value : want.tensor().data)
          largest = std::max(largest, std::abs(value));
        for (size_t i = 0; i < want.tensor().data.size(); ++i)
          ASSERT_NEAR(got.floats()[i], want.tensor().data[i], tolerance * std::max(largest, 1.0)) << "at " << i;
      }
      if (threads == 1)
        first = *results;
      else
        for (auto [a, b] : llvm::zip_equal(first, *results))
          EXPECT_EQ(a.bytes, b.bytes) << "results depend on the number of threads";
    }
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> source;
  ProgramInfo info;
  std::unique_ptr<llvm::orc::LLJIT> jit;
  std::optional<Program> program;
};

TEST_F(ProgramTest, NormsRowsInALoop) {
  compile(R"(
    func.func @f(%x: tensor<?x?x48xf32>, %g: tensor<48xf32>) -> tensor<?x?x48xf32> {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c3 = arith.constant 3 : index
      %zero = arith.constant 0.0 : f32
      %n = arith.constant 48.0 : f32
      %b = tensor.dim %x, %c0 : tensor<?x?x48xf32>
      %s = tensor.dim %x, %c1 : tensor<?x?x48xf32>
      %y = scf.for %i = %c0 to %c3 step %c1 iter_args(%h = %x) -> tensor<?x?x48xf32> {
        %e = tensor.empty(%b, %s) : tensor<?x?xf32>
        %z = linalg.fill ins(%zero : f32) outs(%e : tensor<?x?xf32>) -> tensor<?x?xf32>
        %sum = linalg.generic {
            indexing_maps = [affine_map<(b, s, k) -> (b, s, k)>, affine_map<(b, s, k) -> (b, s)>],
            iterator_types = ["parallel", "parallel", "reduction"]}
            ins(%h : tensor<?x?x48xf32>) outs(%z : tensor<?x?xf32>) {
          ^bb0(%v: f32, %o: f32):
            %q = arith.mulf %v, %v : f32
            %t = arith.addf %o, %q : f32
            linalg.yield %t : f32
        } -> tensor<?x?xf32>
        %e2 = tensor.empty(%b, %s) : tensor<?x?x48xf32>
        %next = linalg.generic {
            indexing_maps = [affine_map<(b, s, k) -> (b, s, k)>, affine_map<(b, s, k) -> (b, s)>,
                             affine_map<(b, s, k) -> (k)>, affine_map<(b, s, k) -> (b, s, k)>],
            iterator_types = ["parallel", "parallel", "parallel"]}
            ins(%h, %sum, %g : tensor<?x?x48xf32>, tensor<?x?xf32>, tensor<48xf32>) outs(%e2 : tensor<?x?x48xf32>) {
          ^bb0(%v: f32, %q: f32, %w: f32, %o: f32):
            %mean = arith.divf %q, %n : f32
            %root = math.sqrt %mean : f32
            %one = arith.constant 1.0 : f32
            %r = arith.divf %one, %root : f32
            %a = arith.mulf %v, %r : f32
            %t = math.tanh %a : f32
            %u = math.exp %t : f32
            %f = math.erf %u : f32
            %c = arith.mulf %f, %w : f32
            linalg.yield %c : f32
        } -> tensor<?x?x48xf32>
        scf.yield %next : tensor<?x?x48xf32>
      }
      return %y : tensor<?x?x48xf32>
    }
  )");
  compare({{2, 5, 48}, {48}});
  compare({{1, 1, 48}, {48}});
}

TEST_F(ProgramTest, MultipliesInTilesThatThreadsShare) {
  compile(R"(
    func.func @f(%a: tensor<?x40xf32>, %b: tensor<40x24xf32>) -> tensor<?x24xf32> {
      %c0 = arith.constant 0 : index
      %c8 = arith.constant 8 : index
      %zero = arith.constant 0.0 : f32
      %m = tensor.dim %a, %c0 : tensor<?x40xf32>
      %e = tensor.empty(%m) : tensor<?x24xf32>
      %y = scf.forall (%i) = (0) to (%m) step (8) shared_outs(%o = %e) -> tensor<?x24xf32> {
        %left = arith.subi %m, %i : index
        %rows = arith.minsi %left, %c8 : index
        %x = tensor.extract_slice %a[%i, 0] [%rows, 40] [1, 1] : tensor<?x40xf32> to tensor<?x40xf32>
        %all = tensor.empty() : tensor<8x24xf32>
        %part = tensor.extract_slice %all[0, 0] [%rows, 24] [1, 1] : tensor<8x24xf32> to tensor<?x24xf32>
        %z = linalg.fill ins(%zero : f32) outs(%part : tensor<?x24xf32>) -> tensor<?x24xf32>
        %p = linalg.matmul ins(%x, %b : tensor<?x40xf32>, tensor<40x24xf32>) outs(%z : tensor<?x24xf32>) -> tensor<?x24xf32>
        scf.forall.in_parallel {
          tensor.parallel_insert_slice %p into %o[%i, 0] [%rows, 24] [1, 1] : tensor<?x24xf32> into tensor<?x24xf32>
        }
      }
      return %y : tensor<?x24xf32>
    }
  )");
  // The interpreter runs the loop as one over all rows.
  source = parseSourceString<ModuleOp>(R"(
    func.func @f(%a: tensor<?x40xf32>, %b: tensor<40x24xf32>) -> tensor<?x24xf32> {
      %y = xf.matmul %a, %b : (tensor<?x40xf32>, tensor<40x24xf32>) -> tensor<?x24xf32>
      return %y : tensor<?x24xf32>
    }
  )",
                                       &context);
  ASSERT_TRUE(source);
  compare({{19, 40}, {40, 24}});
}

} // namespace
