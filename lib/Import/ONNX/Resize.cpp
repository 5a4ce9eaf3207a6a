// Resize. Interpolation is separable, so each axis is a product with a matrix of weights that is made while compiling;
// the nearest neighbour is a gather.
#include "Node.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include <cmath>

using namespace mlir;

namespace ph::onnx_import {
namespace {

struct Rule {
  std::string mode, coordinates, nearest;
  double cubic = -0.75;
  bool antialias = false, excludeOutside = false;
};

/// Where output `y` lies in an axis of `size` elements that becomes `result` ones, `exact` before it was rounded down.
double placeOf(const Rule &rule, int64_t y, int64_t size, int64_t result, double scale) {
  const double exact = scale * double(size);
  if (rule.coordinates == "align_corners")
    return exact == 1 ? 0 : double(y) * double(size - 1) / (exact - 1);
  if (rule.coordinates == "asymmetric")
    return double(y) / scale;
  if (rule.coordinates == "pytorch_half_pixel" && exact == 1)
    return -0.5;
  double place = (double(y) + 0.5) / scale - 0.5;
  if (rule.coordinates == "half_pixel_symmetric")
    place += double(size) / 2 * (1 - double(result) / exact);
  return place;
}

double triangle(double distance) { return std::max(0.0, 1 - std::abs(distance)); }

/// Keys' kernel, equation (4) of his paper of 1981.
double cubic(double distance, double a) {
  const double d = std::abs(distance);
  if (d <= 1)
    return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/// The weights of all elements in output `y`.
std::vector<double> weightsOf(const Rule &rule, int64_t y, int64_t size, int64_t result, double scale) {
  const double place = placeOf(rule, y, size, result, scale);
  const double stretch = rule.antialias ? std::min(scale, 1.0) : 1, reach = rule.mode == "linear" ? 1 : 2;
  std::vector<double> weights(size_t(size), 0.0);
  double sum = 0;
  const auto first = int64_t(std::floor(place - reach / stretch)), last = int64_t(std::ceil(place + reach / stretch));
  for (int64_t j = first; j <= last; ++j) {
    const double distance = stretch * (double(j) - place);
    const double weight = rule.mode == "linear" ? triangle(distance) : cubic(distance, rule.cubic);
    if (rule.excludeOutside && (j < 0 || j >= size))
      continue;
    weights[size_t(std::clamp<int64_t>(j, 0, size - 1))] += weight;
    sum += weight;
  }
  for (double &weight : weights)
    weight = sum != 0 ? weight / sum : 0;
  return weights;
}

int64_t nearestOf(const Rule &rule, double place, int64_t size) {
  double j = rule.nearest == "floor"               ? std::floor(place)
             : rule.nearest == "ceil"              ? std::ceil(place)
             : rule.nearest == "round_prefer_ceil" ? std::floor(place + 0.5)
                                                   : std::ceil(place - 0.5);
  return std::clamp<int64_t>(int64_t(j), 0, size - 1);
}

Value resizedAxis(Node &n, Value x, const Rule &rule, int64_t axis, int64_t result, double scale) {
  TensorBuilder &b = n.b;
  const int64_t size = TensorBuilder::typeOf(x).getDimSize(axis);
  if (rule.mode == "nearest") {
    SmallVector<int32_t> places;
    for (int64_t y = 0; y < result; ++y)
      places.push_back(int32_t(nearestOf(rule, placeOf(rule, y, size, result, scale), size)));
    auto type = RankedTensorType::get({result}, b.getI32Type());
    return b.gather(x, arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<int32_t>(places))), axis);
  }
  std::vector<float> matrix(size_t(size * result));
  for (int64_t y = 0; y < result; ++y)
    for (auto [j, weight] : llvm::enumerate(weightsOf(rule, y, size, result, scale)))
      matrix[j * size_t(result) + size_t(y)] = float(weight);
  auto type = RankedTensorType::get({size, result}, b.getF32Type());
  Value weights = arith::ConstantOp::create(b, DenseElementsAttr::get(type, ArrayRef<float>(matrix)));
  const int64_t last = TensorBuilder::rankOf(x) - 1;
  SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, last + 1));
  std::swap(order[size_t(axis)], order[size_t(last)]);
  if (axis != last)
    x = b.transpose(x, order);
  Sizes sizes = b.dims(x), rows = sizes;
  rows.pop_back();
  sizes.back() = b.size(result);
  x = b.reshapeTo(b.matmul(b.reshapeTo(x, {b.product(rows), b.size(size)}), weights), sizes);
  return axis != last ? b.transpose(x, order) : x;
}

/// Constant floats of an operand; nothing, with a message, if it is none.
std::optional<SmallVector<double>> constantsOf(Node &n, int index) {
  Entry *entry = n.entry(index);
  SmallVector<double> result;
  if (entry && entry->file && entry->file->type->kind == ElementType::Float)
    for (int64_t i = 0; i < entry->file->elements(); ++i)
      result.push_back(entry->file->number(i));
  if (!result.empty())
    return result;
  n.fail("expects constants as operand " + Twine(index));
  return std::nullopt;
}

bool isEmpty(Node &n, int index) {
  Entry *entry = n.has(index) ? n.entry(index) : nullptr;
  return !entry || (entry->file && entry->file->elements() == 0) ||
         (entry->elements && entry->elements->values.empty());
}

void resize(Node &n) {
  Value x = n.tensor(0);
  if (!x)
    return;
  Rule rule{n.text("mode", "nearest"),
            n.text("coordinate_transformation_mode", "half_pixel"),
            n.text("nearest_mode", "round_prefer_floor"),
            n.real("cubic_coeff_a", -0.75),
            n.integer("antialias", 0) != 0,
            n.integer("exclude_outside", 0) != 0};
  if (!llvm::is_contained({"nearest", "linear", "cubic"}, rule.mode))
    return void(n.fail("has the unknown mode '" + rule.mode + "'"));
  if (!llvm::is_contained({"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"},
                          rule.coordinates))
    return void(n.fail("has coordinates of kind '" + rule.coordinates + "', which is not known here"));
  if (rule.mode != "nearest" && !TensorBuilder::isFloat(x))
    return void(n.fail("interpolates what isn't floats"));
  const int64_t rank = TensorBuilder::rankOf(x);
  SmallVector<int64_t> axes = n.integerList("axes").value_or(llvm::to_vector(llvm::seq<int64_t>(0, rank)));
  SmallVector<double> scales;
  SmallVector<int64_t> sizes;
  const bool bySize = !isEmpty(n, 3);
  if (bySize)
    sizes = n.integers(3).value_or(sizes);
  else
    scales = constantsOf(n, 2).value_or(scales);
  if (n.b.hasFailed())
    return;
  if ((bySize ? sizes.size() : scales.size()) != axes.size())
    return void(n.fail("expects one number for each of " + Twine(axes.size()) + " axes"));
  SmallVector<int64_t> before;
  for (auto [i, axis] : llvm::enumerate(axes)) {
    axis = n.wrapAxis(axis, rank);
    if (n.b.hasFailed())
      return;
    before.push_back(TensorBuilder::typeOf(x).getDimSize(axis));
    const bool isSame = bySize ? sizes[i] == before[i] : scales[i] == 1;
    if (!isSame && (ShapedType::isDynamic(before[i]) || before[i] < 1))
      return void(n.fail("resizes a dimension whose size only run time tells"));
    if (!bySize)
      sizes.push_back(isSame ? before[i] : int64_t(std::floor(double(before[i]) * scales[i])));
    else
      scales.push_back(isSame ? 1 : double(sizes[i]) / double(before[i]));
    if (!isSame && (!(scales[i] > 0) || sizes[i] < 1 || sizes[i] > (1 << 20)))
      return void(n.fail("gets an impossible size"));
  }
  const std::string policy = n.text("keep_aspect_ratio_policy", "stretch");
  if (bySize && policy != "stretch") {
    const double common = policy == "not_larger" ? *llvm::min_element(scales) : *llvm::max_element(scales);
    for (auto [scale, size, old] : llvm::zip_equal(scales, sizes, before)) {
      if (ShapedType::isDynamic(old))
        return void(n.fail("resizes a dimension whose size only run time tells"));
      scale = common;
      size = int64_t(std::floor(common * double(old) + 0.5));
    }
  }
  for (size_t i = 0; i < axes.size() && x; ++i)
    if (sizes[i] != before[i] || scales[i] != 1)
      x = resizedAxis(n, x, rule, axes[i], sizes[i], scales[i]);
  n.give(0, x);
}

} // namespace

ArrayRef<Operator> resizeOperators() {
  static constexpr Operator operators[] = {{"Resize", resize, 11}};
  return operators;
}

} // namespace ph::onnx_import
