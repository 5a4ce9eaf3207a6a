#include "dialects/Training/Training.h"
#include "dialects/Transformer/Transformer.h"
#include "lib/Reference/Seeded.h"
#include "powerhouse/Reference/Run.h"
#include "runtime/formats/Safetensors.h"

using namespace mlir;

namespace ph::reference {

namespace {

/// What an argument is used as, which says which values it may have.
struct Role {
  int64_t bound = INT64_MAX; ///< values are below
  bool past = false;
  bool fraction = false;   ///< from 0 to below 1
  int64_t imageToken = -1; ///< the first token is this one, which random ones hardly are
};

// Of an argument: 2 GiB of doubles. Larger ones are a slip of the keyboard.
constexpr int64_t kMostElements = int64_t(1) << 28;

/// Whether the shape has at most that many elements.
bool fits(ArrayRef<int64_t> shape) {
  if (llvm::is_contained(shape, 0))
    return true;
  int64_t left = kMostElements;
  return llvm::all_of(shape, [&](int64_t size) { return (left /= size) > 0; });
}

class InputMaker {
public:
  InputMaker(func::FuncOp function, const RunOptions &options)
      : function(function), options(options), batch(options.batch), sequence(options.sequence) {}

  FailureOr<SmallVector<Value>> make();

private:
  std::string nameOf(unsigned index);
  LogicalResult readDims();
  void findBatch();
  SmallVector<int64_t> shapeOf(RankedTensorType type, const std::string &name);
  /// Follows the uses of an argument, also into called functions and loops.
  void addUses(mlir::Value value, Role &role);
  FailureOr<Tensor> fromFile(const SafetensorsTensor &tensor, RankedTensorType type);
  FailureOr<Value> makeTensor(unsigned index, RankedTensorType type);
  FailureOr<Value> makeCache(unsigned index, xf::CacheType type);

  func::FuncOp function;
  const RunOptions &options;
  std::shared_ptr<SafetensorsFile> file;
  llvm::StringMap<SmallVector<int64_t>> dims;
  int64_t batch, sequence;
  SmallVector<int64_t> pasts; ///< of each sequence
};

} // namespace

static double factorOf(Fill fill) {
  return fill == Fill::Zeros ? 0 : fill == Fill::Large ? 100 : fill == Fill::Tiny ? 1e-4 : 1;
}

static void maskRows(Tensor &mask) {
  for (int64_t row = 0; row < mask.rows(); ++row)
    std::fill_n(mask.row(row), row == 0 ? mask.columns() : mask.columns() / 2, 0);
}

/// Whether an argument is a matrix, or one for each expert, head or layer, rather than of a batch of sequences.
static bool isWeight(mlir::Value argument) {
  auto type = cast<RankedTensorType>(argument.getType());
  if (!isa<FloatType>(type.getElementType()))
    return false;
  if (type.getRank() == 2)
    return true;
  return llvm::any_of(argument.getUses(), [](OpOperand &use) {
    if (isa<xf::StackReadOp>(use.getOwner()))
      return true;
    return isa<xf::ExpertLinearOp, xf::GroupedLinearOp, xf::HeadLinearOp>(use.getOwner()) &&
           use.getOperandNumber() == 1;
  });
}

std::string InputMaker::nameOf(unsigned index) {
  if (auto name = function.getArgAttrOfType<StringAttr>(index, xf::XFDialect::getNameAttrName()))
    return name.str();
  return "arg" + std::to_string(index);
}

LogicalResult InputMaker::readDims() {
  for (StringRef text : options.dims) {
    auto [name, sizes] = text.split('=');
    SmallVector<StringRef> parts;
    sizes.split(parts, 'x');
    SmallVector<int64_t> &shape = dims[name];
    for (StringRef part : parts)
      if (part.getAsInteger(10, shape.emplace_back()) || shape.back() < 0)
        return emitError(function.getLoc()) << "expects dims as name=2x5, but got '" << text << "'";
    if (!fits(shape))
      return emitError(function.getLoc())
             << "expects dims of at most " << kMostElements << " elements, but got '" << text << "'";
    if (llvm::none_of(llvm::seq(function.getNumArguments()), [&](unsigned i) { return nameOf(i) == name; }))
      return emitError(function.getLoc()) << "expects dims of an argument of the function, but got '" << name << "'";
  }
  return success();
}

void InputMaker::findBatch() {
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    if (!tensor || tensor.getRank() < 2)
      continue;
    ArrayRef<int64_t> shape = tensor.getShape();
    std::string name = nameOf(index);
    if (const SafetensorsTensor *given = file ? file->find(name) : nullptr)
      shape = given->shape;
    else if (auto stated = dims.find(name); stated != dims.end())
      shape = stated->second;
    else if (tensor.isDynamicDim(0) || tensor.isDynamicDim(1) || isWeight(function.getArgument(index)))
      continue;
    if (shape.size() < 2)
      continue;
    batch = shape[0];
    sequence = shape[1];
    return;
  }
}

SmallVector<int64_t> InputMaker::shapeOf(RankedTensorType type, const std::string &name) {
  if (auto stated = dims.find(name); stated != dims.end())
    return stated->second;
  SmallVector<int64_t> shape(type.getShape());
  for (auto [index, size] : llvm::enumerate(shape))
    if (ShapedType::isDynamic(size))
      size = index == 0 ? batch : sequence;
  return shape;
}

void InputMaker::addUses(mlir::Value value, Role &role) {
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    unsigned number = use.getOperandNumber();
    int64_t bound = INT64_MAX;
    if (auto embedding = dyn_cast<xf::EmbeddingOp>(user)) {
      bound = embedding.getTable().getType().getDimSize(0) - int64_t(embedding.getOffset().value_or(0));
    } else if (auto gather = dyn_cast<xf::GatherOp>(user); gather && gather.getIndices() == value) {
      int64_t size = gather.getInput().getType().getDimSize(gather.getAxis());
      bound = ShapedType::isDynamic(size) ? 1 : size;
    } else if (isa<xf::ReshapeOp, xf::BroadcastOp, xf::TransposeOp, xf::SliceOp, xf::ConcatOp>(user)) {
      addUses(user->getResult(0), role);
    } else if (isa<xf::SelectRowsOp>(user)) {
      bound = batch * sequence;
    } else if (auto experts = dyn_cast<xf::ExpertLinearOp>(user)) {
      bound = experts.getWeight().getType().getDimSize(0);
    } else if (auto outer = dyn_cast<train::ExpertOuterAddOp>(user)) {
      bound = outer.getSum().getType().getDimSize(0);
    } else if (auto sort = dyn_cast<xf::SortByExpertOp>(user)) {
      bound = sort.getExperts();
    } else if (auto positions = dyn_cast<xf::PositionsOp>(user); positions && positions.getPast() == value) {
      role.past = true;
    } else if (auto append = dyn_cast<xf::CacheAppendOp>(user); append && append.getPast() == value) {
      role.past = true;
    } else if (auto attention = dyn_cast<xf::AttentionOp>(user); attention && attention.getPast() == value) {
      role.past = true;
    } else if (attention && attention.getPrefix() == value) {
      bound = sequence + 1;
    } else if (auto backward = dyn_cast<xf::AttentionBackwardOp>(user); backward && backward.getPrefix() == value) {
      bound = sequence + 1;
    } else if (auto bias = dyn_cast<xf::RelativePositionBiasOp>(user); bias && bias.getPast() == value) {
      role.past = true;
    } else if (auto loss = dyn_cast<xf::CrossEntropyOp>(user)) {
      bound = loss.getLogits().getType().getShape().back();
    } else if (auto logp = dyn_cast<train::TokenLogpOp>(user)) {
      bound = logp.getWeight().getType().getDimSize(0);
    } else if (auto logp = dyn_cast<train::TokenLogpBackwardOp>(user)) {
      bound = logp.getWeight().getType().getDimSize(0);
    } else if (auto sample = dyn_cast<xf::SampleOp>(user)) {
      role.fraction |= sample.getUniform() == value;
      bound = sample.getLogits().getType().getShape().back();
    } else if (auto drawn = dyn_cast<xf::LogitsSampleOp>(user)) {
      role.fraction |= drawn.getUniform() == value;
      bound = drawn.getWeight().getType().getDimSize(0);
    } else if (auto merge = dyn_cast<xf::MergeFeaturesOp>(user); merge && merge.getTokens() == value) {
      role.imageToken = merge.getImageToken();
    } else if (auto call = dyn_cast<func::CallOp>(user)) {
      auto callee = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(call, call.getCalleeAttr());
      if (callee && !callee.isExternal() && callee != function)
        addUses(callee.getArgument(number), role);
    } else if (auto repeat = dyn_cast<xf::RepeatOp>(user)) {
      addUses(repeat.getRegionIterArgs()[number], role);
    }
    role.bound = std::min(role.bound, role.past ? std::min<int64_t>(bound, 4) : bound);
  }
}

FailureOr<Tensor> InputMaker::fromFile(const SafetensorsTensor &tensor, RankedTensorType type) {
  if (failed(verifyCompatibleShape(type.getShape(), tensor.shape)))
    return emitError(function.getLoc()) << "expects '" << tensor.name << "' of type " << type << ", but got shape "
                                        << shapeText(tensor.shape) << " in the file";
  if (isa<FloatType>(type.getElementType())) {
    std::vector<float> values = tensor.toFloats();
    return Tensor(tensor.shape, std::vector<double>(values.begin(), values.end()));
  }
  std::vector<int64_t> values = tensor.toIntegers();
  if (int64_t(values.size()) != tensor.elements())
    return emitError(function.getLoc()) << "expects integers for '" << tensor.name << "', but got "
                                        << safetensorsTypeName(tensor.type).data() << " in the file";
  return Tensor(tensor.shape, std::vector<double>(values.begin(), values.end()));
}

FailureOr<Value> InputMaker::makeTensor(unsigned index, RankedTensorType type) {
  std::string name = nameOf(index);
  Role role;
  addUses(function.getArgument(index), role);
  Tensor tensor;
  if (const SafetensorsTensor *given = file ? file->find(name) : nullptr) {
    FailureOr<Tensor> read = fromFile(*given, type);
    if (failed(read))
      return failure();
    tensor = std::move(*read);
  } else {
    SmallVector<int64_t> shape = shapeOf(type, name);
    if (failed(verifyCompatibleShape(type.getShape(), shape)))
      return emitError(function.getLoc())
             << "expects dims of '" << name << "' that fit " << type << ", but got " << shapeText(shape);
    if (!fits(shape))
      return emitError(function.getLoc()) << "expects '" << name << "' to have at most " << kMostElements
                                          << " elements, but got " << shapeText(shape);
    tensor = Tensor(shape);
    Generator generator(options.seed, name);
    bool floats = isa<FloatType>(type.getElementType());
    for (double &x : tensor.data)
      x = floats ? double(role.fraction ? float(generator.uniform() * 0x1.fffffep-1)
                                        : float(generator.bell() * factorOf(options.fill)))
                 : double(generator.next() % uint64_t(role.bound == INT64_MAX ? 2 : std::max<int64_t>(role.bound, 1)));
    if (role.imageToken >= 0 && role.imageToken < role.bound && !tensor.data.empty())
      tensor.data[0] = double(role.imageToken);
    if (options.fill == Fill::Masked && !floats && role.bound == INT64_MAX)
      maskRows(tensor);
  }
  if (role.past)
    pasts.assign(tensor.data.begin(), tensor.data.end());
  return Value(std::move(tensor));
}

FailureOr<Value> InputMaker::makeCache(unsigned index, xf::CacheType type) {
  std::string name = nameOf(index);
  int64_t width = type.getHeads() * type.getHeadDim();
  const SafetensorsTensor *given[2] = {file ? file->find(name + ".keys") : nullptr,
                                       file ? file->find(name + ".values") : nullptr};
  Cache cache;
  if (given[0] && given[1]) {
    int64_t any = ShapedType::kDynamic;
    auto expected = RankedTensorType::get({type.getLayers(), any, any, width}, Float32Type::get(type.getContext()));
    FailureOr<Tensor> keys = fromFile(*given[0], expected), values = fromFile(*given[1], expected);
    if (failed(keys) || failed(values))
      return failure();
    if (keys->shape != values->shape)
      return emitError(function.getLoc()) << "expects keys and values of one shape for '" << name << "'";
    int64_t sequences = keys->shape[1], positions = keys->shape[2];
    for (int64_t layer = 0; layer < type.getLayers(); ++layer) {
      auto filled = std::make_shared<CacheLayer>();
      for (int64_t b = 0; b < sequences; ++b) {
        int64_t from = (layer * sequences + b) * positions * width, to = from + positions * width;
        filled->sequences.push_back({{keys->data.begin() + from, keys->data.begin() + to},
                                     {values->data.begin() + from, values->data.begin() + to}});
      }
      cache.layers.push_back(std::move(filled));
    }
    return Value(std::move(cache));
  }
  Generator generator(options.seed, name);
  // What attention reads without an append before it has the step's own tokens too.
  bool appended = llvm::none_of(function.getArgument(index).getUsers(), llvm::IsaPred<xf::AttentionOp>);
  for (int64_t layer = 0; layer < type.getLayers(); ++layer) {
    auto filled = std::make_shared<CacheLayer>();
    for (int64_t past : pasts) {
      CacheLayer::Sequence &each = filled->sequences.emplace_back();
      for (std::vector<double> *rows : {&each.keys, &each.values})
        for (int64_t i = 0; i < (past + (appended ? 0 : sequence)) * width; ++i) {
          float value = float(generator.bell() * factorOf(options.fill));
          rows->push_back(type.getElementType().isF16() ? halfToFloat(floatToHalf(value)) : value);
        }
    }
    cache.layers.push_back(std::move(filled));
  }
  return Value(std::move(cache));
}

FailureOr<SmallVector<Value>> InputMaker::make() {
  if (!options.inputs.empty()) {
    auto opened = SafetensorsFile::open(options.inputs);
    if (!opened)
      return emitError(function.getLoc()) << opened.error().message;
    file = *opened;
  }
  if (failed(readDims()))
    return failure();
  findBatch();
  SmallVector<Value> values(function.getNumArguments());
  // Caches come last: how many positions one holds depends on the pasts.
  for (bool caches : {false, true})
    for (auto [index, type] : llvm::enumerate(function.getArgumentTypes())) {
      auto cache = dyn_cast<xf::CacheType>(type);
      if (bool(cache) != caches)
        continue;
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (type.isIndex()) {
        values[index] = Value(int64_t(1));
        continue;
      }
      if (!cache && !tensor)
        return emitError(function.getLoc())
               << "expects arguments that are tensors, caches or an index to run, but got " << type;
      FailureOr<Value> value = cache ? makeCache(index, cache) : makeTensor(index, tensor);
      if (failed(value))
        return failure();
      values[index] = std::move(*value);
    }
  return values;
}

FailureOr<SmallVector<Value>> makeInputs(func::FuncOp function, const RunOptions &options) {
  return InputMaker(function, options).make();
}

} // namespace ph::reference
