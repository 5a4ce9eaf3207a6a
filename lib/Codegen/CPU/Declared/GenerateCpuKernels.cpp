#include "powerhouse/Codegen/CPU/GenerateCpuKernels.h"

#include "powerhouse/Codegen/CPU/AttentionKernels.h"
#include "powerhouse/Codegen/CPU/CpuLevel.h"
#include "powerhouse/Codegen/CPU/Embedding.h"
#include "powerhouse/Codegen/CPU/Linear.h"
#include "powerhouse/Codegen/CPU/LinearBackward.h"
#include "powerhouse/Codegen/CPU/RowKernels.h"
#include "powerhouse/Codegen/CPU/TileProduct.h"
#include "powerhouse/Interfaces/KernelDeclaration.h"

using namespace mlir;

namespace ph::codegen {
namespace {

/// The options of one declared kernel.
class Options {
public:
  explicit Options(DictionaryAttr dictionary) : dictionary(dictionary) {}

  StringRef kind() const { return string("kind"); }
  bool has(StringRef name) const { return dictionary.contains(name); }
  int64_t integer(StringRef name) const {
    auto value = dictionary.getAs<IntegerAttr>(name);
    return value ? value.getInt() : 0;
  }
  double number(StringRef name, double otherwise) const {
    auto value = dictionary.getAs<FloatAttr>(name);
    return value ? value.getValueAsDouble() : otherwise;
  }
  StringRef string(StringRef name) const {
    auto value = dictionary.getAs<StringAttr>(name);
    return value ? value.getValue() : "";
  }
  llvm::SmallVector<float> floats(StringRef name) const {
    llvm::SmallVector<float> values;
    if (auto array = dictionary.getAs<ArrayAttr>(name))
      for (Attribute value : array)
        values.push_back(static_cast<float>(cast<FloatAttr>(value).getValueAsDouble()));
    return values;
  }

  PackedLayout layout() const {
    Options from(dictionary.getAs<DictionaryAttr>("layout"));
    PackedLayout layout;
    using Kind = PackedLayout::Kind;
    layout.kind = llvm::StringSwitch<Kind>(from.kind())
                      .Case("affine", Kind::Affine)
                      .Case("f16", Kind::F16)
                      .Case("bf16", Kind::BF16)
                      .Default(Kind::F32);
    if (layout.isAffine()) {
      layout.storedBits = from.integer("stored_bits");
      layout.codeBits = from.integer("code_bits");
      layout.group = from.integer("group");
      layout.halfScales = from.has("half_scales");
      layout.zeroPoint = from.integer("zero_point");
      layout.table = from.has("table");
    }
    return layout;
  }
  RowOutput output() const { return {static_cast<unsigned>(integer("output_group"))}; }
  std::optional<RopeSpec> rope() const {
    if (!has("rope_dim"))
      return std::nullopt;
    return RopeSpec{integer("rope_dim"),
                    string("rope_style") == "interleaved" ? RopeStyle::Interleaved : RopeStyle::Half};
  }
  CacheShape cache() const { return {integer("layers"), integer("kv_heads"), integer("head_dim"), has("half")}; }
  LinearSpec linear() const {
    LinearSpec spec;
    spec.weight = layout();
    spec.N = integer("rows");
    spec.K = integer("columns");
    spec.inputGroup = integer("input_group");
    spec.residual = has("residual");
    spec.bias = has("bias");
    spec.gateBias = has("gate_bias");
    spec.upBias = has("up_bias");
    spec.scale = number("scale", 1.0);
    spec.softCap = number("soft_cap", 0.0);
    if (kind() == "gated_linear")
      spec.gate = activation();
    return spec;
  }
  Activation activation() const {
    return llvm::StringSwitch<Activation>(string("activation"))
        .Case("gelu", Activation::Gelu)
        .Case("gelu_tanh", Activation::GeluTanh)
        .Case("relu", Activation::Relu)
        .Default(Activation::Silu);
  }

private:
  DictionaryAttr dictionary;
};

struct GenerateCpuKernelsPass : PassWrapper<GenerateCpuKernelsPass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(GenerateCpuKernelsPass)
  GenerateCpuKernelsPass() = default;
  GenerateCpuKernelsPass(const std::string &name, bool check) {
    level = name;
    onlyCheck = check;
  }
  GenerateCpuKernelsPass(const GenerateCpuKernelsPass &other) : PassWrapper(other) {
    level = other.level.getValue();
    onlyCheck = other.onlyCheck.getValue();
  }

  StringRef getArgument() const override { return "generate-cpu-kernels"; }
  StringRef getDescription() const override { return "make the declared kernels for a level of x86-64"; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registry.insert<arith::ArithDialect, func::FuncDialect, LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect,
                    scf::SCFDialect, vector::VectorDialect>();
  }

  template <class Spec>
  func::FuncOp checked(func::FuncOp declaration, const Spec &spec,
                       func::FuncOp (*build)(ModuleOp, const CpuLevel &, const Spec &)) {
    if (auto why = whyUnsupported(spec)) {
      declaration.emitError() << "no kernel for " << Options(dictionary(declaration)).kind() << ": " << *why;
      return nullptr;
    }
    return onlyCheck ? declaration : build(getOperation(), *findCpuLevel(level), spec);
  }

  static DictionaryAttr dictionary(func::FuncOp declaration) {
    return declaration->getAttrOfType<DictionaryAttr>(kKernelAttr);
  }

  func::FuncOp generate(func::FuncOp declaration) {
    Options options(dictionary(declaration));
    ModuleOp module = getOperation();
    const CpuLevel &cpu = *findCpuLevel(level);
    StringRef kind = options.kind();
    if (kind == "linear" || kind == "gated_linear")
      return checked<LinearSpec>(declaration, options.linear(), buildLinear);
    if (kind == "linear_backward")
      return checked<LinearBackwardSpec>(
          declaration, {options.layout(), options.integer("rows"), options.integer("columns"), options.has("paired")},
          buildLinearBackward);
    if (kind == "embedding") {
      EmbeddingSpec spec{options.layout(), options.integer("columns"), float(options.number("scale", 1.0)),
                         options.integer("offset")};
      return checked<EmbeddingSpec>(declaration, spec, buildEmbedding);
    }
    if (kind == "rms_norm")
      return checked<RmsNormSpec>(
          declaration, {options.integer("features"), options.number("eps", 0), options.output()}, buildRmsNorm);
    if (kind == "encode")
      return checked<EncodeSpec>(declaration, {options.integer("features"), options.output().group}, buildEncode);
    if (kind == "add")
      return onlyCheck ? declaration : buildAdd(module, cpu);
    if (kind == "gated_activation")
      return onlyCheck ? declaration : buildGatedActivation(module, cpu, {options.activation()});
    if (kind == "gather_rows")
      return checked<GatherRowsSpec>(declaration, {options.integer("features"), {}}, buildGatherRows);
    if (kind == "rope_table")
      return checked<RopeTableSpec>(
          declaration, {options.floats("frequencies"), options.number("attention_factor", 1.0)}, buildRopeTable);
    if (kind == "rope")
      return checked<RopeKernelSpec>(
          declaration, {options.integer("heads"), options.integer("head_dim"), *options.rope()}, buildRope);
    if (kind == "cache_append")
      return checked<CacheAppendSpec>(declaration, {options.cache(), options.rope()}, buildCacheAppend);
    if (kind == "tile_product")
      return buildTileProduct(module, cpu,
                              {options.has("left_columns"), options.has("transposed"), options.has("half")});
    if (kind == "attention") {
      AttentionSpec spec;
      spec.cache = options.cache();
      spec.heads = options.integer("heads");
      spec.scale = options.number("scale", 1.0);
      spec.rope = options.rope();
      spec.output = options.output();
      spec.headsPerUnit = std::max<int64_t>(options.integer("heads_per_unit"), 1);
      if (spec.unitPositions() != options.integer("positions_per_unit")) {
        declaration.emitError() << "expects units of " << spec.unitPositions() << " positions, but the step claims "
                                << options.integer("positions_per_unit");
        return nullptr;
      }
      return checked<AttentionSpec>(declaration, spec, buildAttention);
    }
    declaration.emitError() << "no generator for a kernel of kind '" << kind << "'";
    return nullptr;
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    if (!findCpuLevel(level)) {
      module.emitError() << "unknown CPU level '" << level << "'";
      return signalPassFailure();
    }
    llvm::SmallVector<func::FuncOp> declarations;
    for (auto function : module.getOps<func::FuncOp>())
      if (dictionary(function))
        declarations.push_back(function);
    for (func::FuncOp declaration : declarations) {
      func::FuncOp kernel = generate(declaration);
      if (!kernel)
        return signalPassFailure();
      if (onlyCheck)
        continue;
      if (kernel.getFunctionType() != declaration.getFunctionType()) {
        declaration.emitError() << "expects a kernel of type " << declaration.getFunctionType() << ", but "
                                << kernel.getSymName() << " has type " << kernel.getFunctionType();
        return signalPassFailure();
      }
      if (failed(SymbolTable::replaceAllSymbolUses(declaration, kernel.getSymNameAttr(), module)))
        return signalPassFailure();
      declaration.erase();
    }
  }

  Option<std::string> level{*this, "level", llvm::cl::desc("x86-64-v3, x86-64-v4 or x86-64-v4-vnni"),
                            llvm::cl::init("x86-64-v3")};
  Option<bool> onlyCheck{*this, "only-check", llvm::cl::desc("Fail where there is no kernel, and do nothing else"),
                         llvm::cl::init(false)};
};

} // namespace

std::unique_ptr<Pass> createGenerateCpuKernelsPass(const std::string &level, bool onlyCheck) {
  return std::make_unique<GenerateCpuKernelsPass>(level, onlyCheck);
}

} // namespace ph::codegen

void ph::registerCodegenPasses() {
  mlir::registerPass([] { return codegen::createGenerateCpuKernelsPass(); });
}
