#include "ProgramHarness.h"
#include "dialects/Training/Training.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Transforms/Passes.h"
#include "powerhouse/Autodiff/Autodiff.h"
#include "powerhouse/Autodiff/Passes.h"
#include "powerhouse/Codegen/CPU/CpuLevel.h"
#include "powerhouse/Conversion/Programs.h"
#include "powerhouse/Conversion/WeightPlan.h"
#include "powerhouse/Pipelines/Pipelines.h"
#include "powerhouse/Target/X86.h"
#include "powerhouse/Transforms/Training/Passes.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/DJB.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"
#include <cmath>
#include <random>

using namespace mlir;

namespace ph {
namespace {

struct SeededWeights : reference::WeightProvider {
  Expected<std::vector<float>> read(xf::WeightOp weight, int64_t layer) override {
    std::vector<float> values(weight.getLoadedType().getNumElements());
    std::mt19937 random(llvm::djbHash(weight.getSymName()) + layer);
    std::normal_distribution<float> normal;
    for (float &value : values)
      value = normal(random);
    return values;
  }
};

HostTensor toHost(const reference::Tensor &tensor, TensorElement element) {
  std::vector<int64_t> shape(tensor.shape.begin(), tensor.shape.end());
  if (element == TensorElement::F32)
    return HostTensor::ofFloats(shape, std::vector<float>(tensor.data.begin(), tensor.data.end()));
  if (element == TensorElement::I32)
    return HostTensor::ofIntegers(shape, std::vector<int32_t>(tensor.data.begin(), tensor.data.end()));
  std::vector<int8_t> bytes(tensor.data.begin(), tensor.data.end());
  return {element, shape, std::vector<uint8_t>(bytes.begin(), bytes.end())};
}

std::vector<double> toDoubles(const HostTensor &tensor) {
  auto read = [&]<class T>(T) {
    auto from = reinterpret_cast<const T *>(tensor.bytes.data());
    return std::vector<double>(from, from + tensor.elements());
  };
  return tensor.element == TensorElement::F32   ? read(float())
         : tensor.element == TensorElement::I32 ? read(int32_t())
                                                : read(int8_t());
}

} // namespace

ProgramTest::ProgramTest() : context(MLIRContext::Threading::DISABLED) {
  DialectRegistry registry;
  registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect,
                  scf::SCFDialect, vector::VectorDialect, train::TrainDialect, xf::XFDialect>();
  registerProgramDialects(registry);
  reference::registerReferenceModels(registry);
  autodiff::registerDerivativeRules(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
}

void ProgramTest::compile(const std::string &text, bool model) {
  source = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(source);
  OwningOpRef<ModuleOp> module = source->clone();
  const codegen::CpuLevel *level = codegen::hostCpuLevel();
  if (!level)
    GTEST_SKIP() << "this CPU is below x86-64-v3";
  PassManager pm(&context);
  if (model) {
    pm.addPass(createTrainExpandPass());
    buildTensorPipeline(pm);
  }
  ASSERT_TRUE(succeeded(pm.run(*module)));
  packWeights(*module);
  PassManager programs(&context);
  buildProgramPipeline(programs);
  buildKernelPipeline(programs, level->name.str());
  ASSERT_TRUE(succeeded(programs.run(*module)));
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

void ProgramTest::compileGradient(const std::string &text, std::vector<std::string> wrt) {
  auto module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  PassManager pm(&context);
  pm.addPass(createTrainExpandPass());
  AutodiffPassOptions options;
  options.function = "f";
  options.wrt.assign(wrt.begin(), wrt.end());
  pm.addPass(createAutodiffPass(options));
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createTrainFuseTokenLogpPass());
  ASSERT_TRUE(succeeded(pm.run(*module)));
  module->lookupSymbol("f")->erase();
  module->lookupSymbol<func::FuncOp>("f_gradient").setSymName("f");
  std::string gradient;
  llvm::raw_string_ostream(gradient) << *module;
  compile(gradient, /*model=*/true);
}

/// By the words of PackedLayout, for its layout of f32.
void ProgramTest::packWeights(ModuleOp module) {
  auto plan = conversion::planWeights(module);
  ASSERT_TRUE(succeeded(plan));
  weights.resize(plan->totalBytes);
  for (const conversion::PlannedWeight &entry : plan->weights)
    for (int64_t layer = 0; layer < std::max<int64_t>(entry.layers, 1); ++layer) {
      ASSERT_TRUE(entry.layout.kind == PackedLayout::Kind::F32 && !entry.up) << "weights are matrices of f32 here";
      std::vector<float> values = *SeededWeights().read(entry.weight, layer);
      auto *to = reinterpret_cast<float *>(weights.data() + entry.offset + layer * entry.layerStride);
      for (auto [i, value] : llvm::enumerate(values)) {
        int64_t row = i / entry.columns, column = i % entry.columns, tile = row / kTileRows;
        to[entry.matrix ? (tile * entry.columns + column) * kTileRows + row % kTileRows : i] = value;
      }
    }
}

void ProgramTest::describe(ModuleOp module) {
  auto entry = cast<DictionaryAttr>(module->getAttrOfType<ArrayAttr>(conversion::kProgramsAttr)[0]);
  info.name = "f";
  auto read = [&](StringRef key, std::vector<ProgramTensor> &into) {
    for (auto tensor : entry.getAs<ArrayAttr>(key).getAsRange<DictionaryAttr>()) {
      ProgramTensor &made = into.emplace_back();
      made.name = tensor.getAs<StringAttr>("name").str();
      made.element = *parseTensorElement(tensor.getAs<StringAttr>("element").getValue());
      if (auto updates = tensor.getAs<IntegerAttr>("updates"))
        made.updates = int(updates.getInt());
      for (auto size : tensor.getAs<ArrayAttr>("shape").getAsRange<IntegerAttr>())
        made.shape.push_back(size.getInt());
    }
  };
  read("inputs", info.inputs);
  read("results", info.results);
}

void ProgramTest::compare(std::vector<std::vector<int64_t>> shapes, double tolerance) {
  llvm::SmallVector<reference::Tensor> arguments;
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  for (auto [shape, input] : llvm::zip_equal(shapes, info.inputs))
    for (double &x : arguments.emplace_back(llvm::ArrayRef<int64_t>(shape)).data)
      x = input.element == TensorElement::F32 ? normal(random) : double(random() % 4);
  compareOn(arguments, tolerance);
}

void ProgramTest::compareOn(llvm::ArrayRef<reference::Tensor> arguments, double tolerance) {
  ASSERT_TRUE(program) << "nothing was compiled";
  SeededWeights provider;
  reference::Context interpreter(provider);
  llvm::SmallVector<reference::Value> values(arguments.begin(), arguments.end()), expected;
  auto function = source->lookupSymbol<func::FuncOp>("f");
  ASSERT_TRUE(succeeded(interpreter.call(function, values, expected)));
  std::vector<HostTensor> first;
  for (int threads : {1, 3}) {
    std::map<std::string, HostTensor> inputs;
    for (auto [argument, input] : llvm::zip_equal(arguments, info.inputs))
      inputs[input.name] = toHost(argument, input.element);
    auto team = Team::create(threads);
    ASSERT_TRUE(team);
    auto results = program->run(**team, weights.data(), inputs);
    ASSERT_TRUE(results) << results.error().message;
    // What is updated in place is there.
    for (auto [result, about] : llvm::zip_equal(*results, info.results))
      if (about.updates >= 0)
        result = inputs[info.inputs[about.updates].name];
    for (auto [number, got, want] : llvm::enumerate(*results, expected)) {
      ASSERT_EQ(llvm::ArrayRef<int64_t>(got.shape), llvm::ArrayRef<int64_t>(want.tensor().shape));
      double largest = 0;
      for (double value : want.tensor().data)
        largest = std::isfinite(value) ? std::max(largest, std::abs(value)) : largest;
      std::vector<double> numbers = toDoubles(got);
      for (size_t i = 0; i < want.tensor().data.size(); ++i)
        if (numbers[i] != want.tensor().data[i]) // as infinities are
          ASSERT_NEAR(numbers[i], want.tensor().data[i], tolerance * std::max(largest, 1.0))
              << "of result " << number << " at " << i;
    }
    if (threads == 1)
      first = *results;
    else
      for (auto [a, b] : llvm::zip_equal(first, *results))
        EXPECT_EQ(a.bytes, b.bytes) << "results depend on the number of threads";
  }
}

} // namespace ph
