#include "Lowering.h"
#include "dialects/Training/Training.h"

using namespace mlir;

namespace ph::conversion {

// --- Values
// -----------------------------------------------------------------------------------------------------------

/// The tensors that a cache becomes.
static RankedTensorType tensorOf(xf::CacheType cache) {
  constexpr int64_t any = ShapedType::kDynamic;
  return RankedTensorType::get({any, cache.getLayers(), cache.getHeads(), any, cache.getHeadDim()},
                               cache.getElementType());
}

Value Lowering::of(Value old) {
  Value value = mapping.lookup(old);
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || !type.getEncoding())
    return value;
  Value &decoded = plain[old];
  if (!decoded) {
    OpBuilder::InsertionGuard guard(s);
    s.setInsertionPointAfterValue(value);
    decoded = tensor::CastOp::create(s, RankedTensorType::get(type.getShape(), type.getElementType()), value);
  }
  return decoded;
}

SmallVector<Value> Lowering::of(ValueRange old) {
  return llvm::map_to_vector(old, [&](Value each) { return of(each); });
}

void Lowering::give(Value old, Value value) {
  if (value.getType() != old.getType()) {
    Sizes sizes = sizesOf(value);
    value = tensor::CastOp::create(s, old.getType(), value);
    know(value, std::move(sizes));
  }
  mapping.map(old, value);
}

SmallVector<Type> Lowering::convert(TypeRange types) {
  SmallVector<Type> converted;
  for (Type type : types) {
    auto cache = dyn_cast<xf::CacheType>(type);
    converted.append(cache ? 2 : 1, cache ? Type(tensorOf(cache)) : type);
  }
  return converted;
}

SmallVector<Value> Lowering::flatten(ValueRange old) {
  SmallVector<Value> values;
  for (Value each : old) {
    if (isa<xf::CacheType>(each.getType())) {
      CacheTensors cache = cacheOf(each);
      values.append({cache.keys, cache.values});
    } else {
      values.push_back(stored(each));
    }
  }
  return values;
}

void Lowering::giveFlat(ValueRange old, ValueRange values) {
  for (Value each : old) {
    bool cache = isa<xf::CacheType>(each.getType());
    if (cache)
      give(each, CacheTensors{values[0], values[1]});
    else
      mapping.map(each, values[0]);
    values = values.drop_front(cache ? 2 : 1);
  }
}

// --- Sizes
// ------------------------------------------------------------------------------------------------------------

/// What the op that made a tensor says of its sizes; nothing if that is nothing.
static std::optional<Sizes> sizesSaid(Lowering &l, Value tensor) {
  using Found = std::optional<Sizes>;
  Operation *op = tensor.getDefiningOp();
  if (!op)
    return std::nullopt;
  return TypeSwitch<Operation *, Found>(op)
      .Case([](tensor::EmptyOp empty) { return Found(empty.getMixedSizes()); })
      .Case([](tensor::ExtractSliceOp slice) {
        llvm::SmallBitVector dropped = slice.getDroppedDims();
        Sizes sizes;
        for (auto [axis, size] : llvm::enumerate(slice.getMixedSizes()))
          if (!dropped.test(axis))
            sizes.push_back(size);
        return Found(sizes);
      })
      .Case([&](tensor::CastOp same) {
        return isa<RankedTensorType>(same.getSource().getType()) ? Found(l.sizesOf(same.getSource())) : Found();
      })
      .Case([&](tensor::CollapseShapeOp collapse) {
        Sizes from = l.sizesOf(collapse.getSrc());
        return Found(llvm::map_to_vector(collapse.getReassociationIndices(), [&](const ReassociationIndices &group) {
          return l.product(llvm::map_to_vector(group, [&](int64_t axis) { return from[axis]; }));
        }));
      })
      .Case([&](tensor::InsertSliceOp insert) { return Found(l.sizesOf(insert.getDest())); })
      .Case([&](scf::ForallOp loop) {
        return Found(l.sizesOf(loop.getOutputs()[cast<OpResult>(tensor).getResultNumber()]));
      })
      .Case([&](linalg::LinalgOp structured) {
        return Found(l.sizesOf(structured.getDpsInitOperand(cast<OpResult>(tensor).getResultNumber())->get()));
      })
      .Default(Found());
}

Sizes Lowering::sizesOf(Value tensor) {
  if (auto found = known.find(tensor); found != known.end())
    return found->second;
  OpBuilder::InsertionGuard guard(s);
  s.setInsertionPointAfterValue(tensor);
  std::optional<Sizes> said = sizesSaid(*this, tensor);
  Sizes sizes = said ? *said : tensor::getMixedSizes(s, s.getLoc(), tensor);
  known[tensor] = sizes;
  return sizes;
}

void Lowering::forgetIn(Block &block) {
  auto forget = [&](ValueRange values) {
    for (Value value : values) {
      known.erase(value);
      for (auto &[old, decoded] : plain)
        decoded = decoded == value ? Value() : decoded;
      for (auto &[key, table] : tables)
        table = table.first == value ? std::pair<Value, Value>() : table;
    }
  };
  block.walk([&](Operation *op) {
    forget(op->getResults());
    for (Region &region : op->getRegions())
      for (Block &inner : region)
        forget(inner.getArguments());
  });
  forget(block.getArguments());
}

/// Both as constants, where they are.
static std::optional<std::pair<int64_t, int64_t>> constants(OpFoldResult x, OpFoldResult y) {
  std::optional<int64_t> a = getConstantIntValue(x), b = getConstantIntValue(y);
  return a && b ? std::optional(std::pair(*a, *b)) : std::nullopt;
}

OpFoldResult Lowering::add(OpFoldResult x, OpFoldResult y) {
  if (auto both = constants(x, y))
    return attribute(both->first + both->second);
  return isZeroInteger(x) ? y : isZeroInteger(y) ? x : OpFoldResult(s.add(index(x), index(y)));
}

OpFoldResult Lowering::sub(OpFoldResult x, OpFoldResult y) {
  if (auto both = constants(x, y))
    return attribute(both->first - both->second);
  return isZeroInteger(y) ? x : OpFoldResult(s.sub(index(x), index(y)));
}

OpFoldResult Lowering::mul(OpFoldResult x, OpFoldResult y) {
  if (auto both = constants(x, y))
    return attribute(both->first * both->second);
  return isOneInteger(x) ? y : isOneInteger(y) ? x : OpFoldResult(s.mul(index(x), index(y)));
}

OpFoldResult Lowering::div(OpFoldResult x, OpFoldResult y) {
  if (auto both = constants(x, y); both && both->second != 0)
    return attribute(both->first / both->second);
  return isOneInteger(y) ? x : OpFoldResult(s.div(index(x), index(y)));
}

OpFoldResult Lowering::product(ArrayRef<OpFoldResult> sizes) {
  OpFoldResult result = attribute(1);
  for (OpFoldResult size : sizes)
    result = mul(result, size);
  return result;
}

// --- Ops
// --------------------------------------------------------------------------------------------------------------

LogicalResult Lowering::copy(Operation *op) {
  auto isCache = [](Type type) { return isa<xf::CacheType>(type); };
  if (llvm::any_of(op->getOperandTypes(), isCache) || llvm::any_of(op->getResultTypes(), isCache))
    return op->emitOpError() << "has a cache, which becomes two tensors: it has no lowering to linalg";
  Operation *twin = op->cloneWithoutRegions(mapping);
  s.insert(twin);
  for (auto [from, to] : llvm::zip_equal(op->getRegions(), twin->getRegions())) {
    for (Block &block : from) {
      OpBuilder::InsertionGuard guard(s);
      SmallVector<Location> locations =
          llvm::map_to_vector(block.getArguments(), [](auto each) { return each.getLoc(); });
      Block *copied = s.createBlock(&to, to.end(), block.getArgumentTypes(), locations);
      mapping.map(block.getArguments(), copied->getArguments());
      if (failed(lowerOps(block)))
        return failure();
    }
  }
  return success();
}

LogicalResult Lowering::keep(Operation *op, Value input) {
  if (failed(copy(op)))
    return failure();
  Value result = stored(op->getResult(0));
  ArrayRef<int64_t> shape = cast<RankedTensorType>(result.getType()).getShape();
  Sizes sizes = sizesOf(of(input));
  sizes.truncate(shape.size() - 1);
  sizes.push_back(attribute(shape.back()));
  know(result, std::move(sizes));
  return success();
}

LogicalResult Lowering::lowerOp(Operation *op) {
  s.setLoc(op->getLoc());
  if (const Handlers::Handler *handler = handlers.find(op))
    return (*handler)(*this, op);
  if (isa<train::TrainDialect, xf::XFDialect>(op->getDialect()))
    return op->emitOpError() << "has no lowering to linalg";
  return copy(op);
}

LogicalResult Lowering::lowerOps(Block &block) {
  for (Operation &op : block)
    if (failed(lowerOp(&op)))
      return failure();
  return success();
}

// --- Functions
// --------------------------------------------------------------------------------------------------------

/// The attributes of arguments or results, `many` of them. They keep their names where a cache becomes two: those of a
/// cache c are c.keys and c.values; one that is called by its number alone is called so still.
static SmallVector<DictionaryAttr> attributesOf(TypeRange types, function_ref<DictionaryAttr(unsigned)> attributes,
                                                StringRef prefix) {
  SmallVector<DictionaryAttr> result;
  for (auto [index, type] : llvm::enumerate(types)) {
    MLIRContext *context = type.getContext();
    NamedAttrList list(attributes(index));
    auto name = [&](const Twine &suffix) {
      auto given =
          attributes(index) ? attributes(index).getAs<StringAttr>(xf::XFDialect::getNameAttrName()) : StringAttr();
      std::string base = given ? given.str() : (prefix + Twine(index)).str();
      list.set(xf::XFDialect::getNameAttrName(), StringAttr::get(context, base + suffix));
      return list.getDictionary(context);
    };
    if (isa<xf::CacheType>(type))
      result.append({name(".keys"), name(".values")});
    else
      result.push_back(result.size() == index ? list.getDictionary(context) : name(""));
  }
  return result;
}

LogicalResult Lowering::run(func::FuncOp function) {
  FunctionType old = function.getFunctionType();
  SmallVector<DictionaryAttr> arguments =
      attributesOf(old.getInputs(), [&](unsigned i) { return function.getArgAttrDict(i); }, "arg");
  SmallVector<DictionaryAttr> results =
      attributesOf(old.getResults(), [&](unsigned i) { return function.getResultAttrDict(i); }, "out");
  s.setLoc(function.getLoc());
  s.setInsertionPoint(function);
  auto type = s.getFunctionType(convert(old.getInputs()), convert(old.getResults()));
  auto twin = func::FuncOp::create(s, function.getSymName(), type);
  twin.setVisibility(function.getVisibility());
  for (NamedAttribute each : function->getDiscardableAttrs())
    twin->setAttr(each.getName(), each.getValue());
  twin.setAllArgAttrs(arguments);
  twin.setAllResultAttrs(results);
  if (!function.isExternal()) {
    if (!llvm::hasSingleElement(function.getBody()))
      return function.emitOpError() << "expects a body of one block";
    s.setInsertionPointToStart(twin.addEntryBlock());
    giveFlat(function.getArguments(), twin.getArguments());
    if (failed(lowerOps(function.getBody().front())))
      return failure();
  }
  function.erase();
  return success();
}

} // namespace ph::conversion
