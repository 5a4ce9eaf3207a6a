// What picks elements by their numbers, and what puts them.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace ph::onnx_import {

/// What picks each element of a matrix, laid out in one row, by the number of its own place only moves dimensions: null
/// where the indices are not known to be such.
static Value gatherFlatPlaces(TensorBuilder &b, Value x, Value indices) {
  auto flat = x.getDefiningOp<xf::ReshapeOp>();
  std::optional<TensorBuilder::FlatPlace> place = b.flatPlaceOf(indices);
  if (!flat || !place || place->row >= place->column || TensorBuilder::rankOf(flat.getInput()) != 2)
    return {};
  int64_t rank = TensorBuilder::rankOf(x);
  if (rank > 2 || (rank == 2 && TensorBuilder::typeOf(x).getDimSize(1) != 1))
    return {};
  Value matrix = flat.getInput();
  Sizes sizes = b.dims(indices), shape(sizes.size(), b.size(1));
  if (place->length != b.dim(matrix, 1) || sizes[place->row] != b.dim(matrix, 0) ||
      sizes[place->column] != b.dim(matrix, 1))
    return {};
  shape[place->row] = sizes[place->row];
  shape[place->column] = sizes[place->column];
  if (rank == 2) {
    shape.push_back(b.size(1));
    sizes.push_back(b.size(1));
  }
  return b.broadcast(b.reshapeTo(matrix, shape), sizes);
}

static void gather(Node &n) {
  Value x = n.tensor(0), indices = n.tensor(1);
  if (!x || !n.areIntegers(indices))
    return;
  if (Value moved = n.integer("axis", 0) == 0 ? gatherFlatPlaces(n.b, x, indices) : Value())
    return n.give(0, moved);
  n.give(0, n.b.gather(x, indices, n.axis("axis", 0, TensorBuilder::rankOf(x))));
}

static void gatherElements(Node &n) {
  Value x = n.tensor(0), indices = n.tensor(1);
  if (!x || !n.areIntegers(indices))
    return;
  if (TensorBuilder::rankOf(x) != TensorBuilder::rankOf(indices))
    return void(n.fail("has indices of another rank"));
  int64_t axis = n.axis("axis", 0, TensorBuilder::rankOf(x));
  Size size = n.b.dim(x, axis);
  if (std::optional<double> same = n.b.uniformOf(x))
    return n.give(0, n.b.broadcast(n.b.number(TensorBuilder::elementOf(x), *same), n.b.dims(indices)));
  n.give(0, n.b.generate(n.b.dims(indices), TensorBuilder::elementOf(x), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> place(at);
    place[axis] = b.wrapped(b.at(indices, at), b.index(size));
    return b.at(x, place);
  }));
}

/// What picks each element by the numbers of its own place, as exporters write masks, only moves dimensions: null where
/// the indices are not known to be such.
static Value gatherPlaces(TensorBuilder &b, Value x, Value indices, ArrayRef<Size> sizes) {
  ArrayRef<Value> columns = b.columnsOf(indices);
  if (columns.empty() || int64_t(columns.size()) != TensorBuilder::rankOf(x))
    return {};
  Sizes shape(sizes.size(), b.size(1));
  int64_t last = -1;
  for (auto [axis, column] : llvm::enumerate(columns)) {
    std::optional<int64_t> place = b.coordinateOf(column);
    if (!place || *place <= last || *place >= int64_t(sizes.size()) || sizes[*place] != b.dim(x, int64_t(axis)))
      return {};
    last = *place;
    shape[last] = sizes[last];
  }
  return b.broadcast(b.reshapeTo(x, shape), sizes);
}

static void gatherND(Node &n) {
  Value x = n.tensor(0), indices = n.tensor(1);
  if (!x || !n.areIntegers(indices))
    return;
  int64_t batch = n.integer("batch_dims", 0), rank = TensorBuilder::rankOf(indices);
  int64_t length = rank ? TensorBuilder::typeOf(indices).getDimSize(rank - 1) : 0;
  if (rank < 1 || ShapedType::isDynamic(length) || batch < 0 || batch >= rank ||
      batch + length > TensorBuilder::rankOf(x))
    return void(n.fail("has indices that don't fit"));
  Sizes all = n.b.dims(x), sizes = n.b.dims(indices);
  sizes.pop_back();
  sizes.append(all.begin() + batch + length, all.end());
  if (Value moved = batch == 0 ? gatherPlaces(n.b, x, indices, sizes) : Value())
    return n.give(0, moved);
  if (batch == 0 && length == 1) {
    Sizes rows = n.b.dims(indices);
    rows.pop_back();
    return n.give(0, n.b.gather(x, n.b.reshapeTo(indices, rows), 0));
  }
  n.give(0, n.b.generate(sizes, TensorBuilder::elementOf(x), [&](TensorBuilder &b, ValueRange at) {
    SmallVector<Value> place(at.take_front(batch)), from(at.take_front(rank - 1));
    from.push_back({});
    for (int64_t i = 0; i < length; ++i) {
      from.back() = b.index(i);
      place.push_back(b.wrapped(b.at(indices, from), b.index(all[batch + i])));
    }
    llvm::append_range(place, at.drop_front(rank - 1));
    return b.at(x, place);
  }));
}

/// What a scattered element becomes of what was there and what is put.
static Value combine(TensorBuilder &b, StringRef reduction, Value old, Value put) {
  bool floats = isa<FloatType>(old.getType());
  if (reduction == "add")
    return floats ? arith::AddFOp::create(b, old, put).getResult() : arith::AddIOp::create(b, old, put);
  if (reduction == "mul")
    return floats ? arith::MulFOp::create(b, old, put).getResult() : arith::MulIOp::create(b, old, put);
  if (reduction == "max")
    return floats ? arith::MaximumFOp::create(b, old, put).getResult() : arith::MaxSIOp::create(b, old, put);
  if (reduction == "min")
    return floats ? arith::MinimumFOp::create(b, old, put).getResult() : arith::MinSIOp::create(b, old, put);
  return put;
}

static bool isReduction(Node &n, const std::string &reduction) {
  if (llvm::is_contained({"none", "add", "mul", "max", "min"}, reduction))
    return true;
  n.fail("has the unknown reduction '" + reduction + "'");
  return false;
}

/// Each element of the result looks through the updates that may meet it, so that all can be computed at once.
static Value scattered(Node &n, Value x, ArrayRef<Size> over, StringRef reduction,
                       llvm::function_ref<std::pair<Value, Value>(TensorBuilder &, ValueRange)> find) {
  TensorBuilder &b = n.b;
  unsigned rank = TensorBuilder::rankOf(x);
  Type element = TensorBuilder::elementOf(x);
  // Whether something met the element is carried by where the fold starts: the first loop's start takes the old
  // element.
  return b.fold(b.dims(x), over, b.scalarNumber(element, 0), [&](TensorBuilder &b, ValueRange at) {
    Value first = b.equal(at[rank], b.index(0));
    for (size_t i = 1; i < over.size(); ++i)
      first = arith::AndIOp::create(b, first, b.equal(at[rank + i], b.index(0)));
    Value old = b.choose(first, b.at(x, at.take_front(rank)), at.back());
    auto [meets, put] = find(b, at.drop_back());
    return b.choose(meets, put ? combine(b, reduction, old, put) : Value(), old);
  });
}

static void scatterElements(Node &n) {
  Value x = n.tensor(0), indices = n.tensor(1), updates = n.tensor(2);
  std::string reduction = n.text("reduction", "none");
  if (!x || !updates || !n.areIntegers(indices) || !isReduction(n, reduction))
    return;
  int64_t rank = TensorBuilder::rankOf(x), axis = n.axis("axis", 0, rank);
  if (TensorBuilder::rankOf(indices) != rank || TensorBuilder::rankOf(updates) != rank ||
      TensorBuilder::elementOf(x) != TensorBuilder::elementOf(updates))
    return void(n.fail("has indices or updates that don't fit"));
  Sizes most = n.b.dims(indices), sizes = n.b.dims(x);
  if (isConstantIntValue(n.b.product(most), 0))
    return n.give(0, x);
  n.give(0, scattered(n, x, {most[axis]}, reduction, [&](TensorBuilder &b, ValueRange at) -> std::pair<Value, Value> {
           // Where there are no updates beside an element, the nearest one is read and not put.
           SmallVector<Value> place(at.take_front(rank));
           Value meets;
           for (int64_t i = 0; i < rank; ++i) {
             if (i == axis || most[i] == sizes[i])
               continue;
             Value inside = b.less(at[i], b.index(most[i]));
             meets = meets ? arith::AndIOp::create(b, meets, inside).getResult() : inside;
             place[i] = b.choose(inside, at[i], b.index(0));
           }
           place[axis] = at[rank];
           Value same = b.equal(b.wrapped(b.at(indices, place), b.index(sizes[axis])), at[axis]);
           return {meets ? arith::AndIOp::create(b, meets, same).getResult() : same, b.at(updates, place)};
         }));
}

static void scatterND(Node &n) {
  Value x = n.tensor(0), indices = n.tensor(1), updates = n.tensor(2);
  std::string reduction = n.text("reduction", "none");
  if (!x || !updates || !n.areIntegers(indices) || !isReduction(n, reduction))
    return;
  int64_t outer = TensorBuilder::rankOf(indices) - 1, rank = TensorBuilder::rankOf(x);
  int64_t length = outer >= 0 ? TensorBuilder::typeOf(indices).getDimSize(outer) : -1;
  if (length < 0 || length > rank || TensorBuilder::rankOf(updates) != outer + rank - length ||
      TensorBuilder::elementOf(x) != TensorBuilder::elementOf(updates))
    return void(n.fail("has indices or updates that don't fit"));
  Sizes sizes = n.b.dims(x), over = n.b.dims(indices);
  over.pop_back();
  if (over.empty())
    over.push_back(n.b.size(1));
  n.give(0, scattered(n, x, over, reduction, [&](TensorBuilder &b, ValueRange at) -> std::pair<Value, Value> {
           SmallVector<Value> place(at.slice(rank, outer)), from(place);
           from.push_back({});
           Value meets;
           for (int64_t i = 0; i < length; ++i) {
             from.back() = b.index(i);
             Value same = b.equal(b.wrapped(b.at(indices, from), b.index(sizes[i])), at[i]);
             meets = meets ? arith::AndIOp::create(b, meets, same).getResult() : same;
           }
           llvm::append_range(place, at.slice(length, rank - length));
           return {meets ? meets : b.equal(b.index(0), b.index(0)), b.at(updates, place)};
         }));
}

static void oneHot(Node &n) {
  Value indices = n.tensor(0), values = n.tensor(2);
  auto depth = n.sizes(1);
  if (!indices || !values || !depth || depth->size() != 1 || TensorBuilder::rankOf(values) != 1)
    return void(n.fail("expects one depth and two values"));
  indices = n.b.cast(indices, n.b.getI32Type());
  int64_t rank = TensorBuilder::rankOf(indices) + 1, axis = n.axis("axis", -1, rank);
  Sizes sizes = n.b.dims(indices);
  sizes.insert(sizes.begin() + axis, (*depth)[0]);
  n.give(0,
         n.b.generate(sizes, TensorBuilder::elementOf(values),
                      [&](TensorBuilder &b, ValueRange at) {
                        SmallVector<Value> place(at);
                        place.erase(place.begin() + axis);
                        Value isOn = b.equal(b.wrapped(b.at(indices, place), b.index((*depth)[0])), at[axis]);
                        return b.choose(isOn, b.at(values, b.index(1)), b.at(values, b.index(0)));
                      }),
         n.type(2));
}

ArrayRef<Operator> gatherOperators() {
  static constexpr Operator operators[] = {
      {"Gather", gather},           {"GatherElements", gatherElements},   {"GatherND", gatherND},   {"OneHot", oneHot},
      {"Scatter", scatterElements}, {"ScatterElements", scatterElements}, {"ScatterND", scatterND},
  };
  return operators;
}

} // namespace ph::onnx_import
