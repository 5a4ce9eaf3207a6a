#include "lib/Reference/Training/Models.h"
#include <algorithm>

using namespace mlir;

namespace ph::reference {

/// The dynamic map in ascending order, by enumeration.
static std::vector<double> dynamicMap(bool isSigned) {
  std::vector<double> map = {0, 1};
  for (int decade = 0; decade < 7; ++decade) {
    int count = 1 << (isSigned ? decade : decade + 1);
    for (int k = 0; k < count; ++k) {
      double magnitude = std::pow(10.0, decade - 6) * (0.1 + 0.9 * (k + 0.5) / count);
      map.push_back(magnitude);
      if (isSigned)
        map.push_back(-magnitude);
    }
  }
  std::sort(map.begin(), map.end());
  return map;
}

/// The code of the element that is nearest to x.
static double nearest(const std::vector<double> &map, double x) {
  auto closest =
      std::min_element(map.begin(), map.end(), [&](double a, double b) { return std::fabs(a - x) < std::fabs(b - x); });
  return double(closest - map.begin()) - 128;
}

static LogicalResult adamw8(train::AdamW8Op op, ArrayRef<Value> inputs, SmallVectorImpl<Value> &results,
                            Context &context) {
  Tensor w = inputs[0].tensor();
  const Tensor &gradient = inputs[1].tensor();
  Tensor codes[2] = {inputs[2].tensor(), inputs[3].tensor()}, scales[2] = {inputs[4].tensor(), inputs[5].tensor()};
  const std::vector<double> maps[2] = {dynamicMap(true), dynamicMap(false)};
  double rate = scalar(&inputs[6], 0), step = scalar(&inputs[7], 0), scale = scalar(find(op, op.getScale(), inputs), 1);
  const double betas[2] = {op.getBeta1().convertToDouble(), op.getBeta2().convertToDouble()};
  double eps = op.getEps().convertToDouble(), decay = op.getWeightDecay().convertToDouble();
  bool finite = scalar(find(op, op.getFinite(), inputs), 1) != 0;
  constexpr int64_t size = train::AdamW8Op::kBlock;
  for (int64_t block = 0; finite && block < int64_t(w.data.size()) / size; ++block) {
    double moments[2][size], largest[2] = {0, 0};
    for (int64_t i = 0; i < size; ++i) {
      int64_t at = block * size + i;
      double g = gradient.data[at] * scale;
      for (int order : {0, 1}) {
        double old = maps[order][size_t(codes[order].data[at]) + 128] * scales[order].data[block];
        moments[order][i] = betas[order] * old + (1 - betas[order]) * (order ? g * g : g);
        largest[order] = std::max(largest[order], std::fabs(moments[order][i]));
      }
      double mean = moments[0][i] / (1 - std::pow(betas[0], step)),
             variance = moments[1][i] / (1 - std::pow(betas[1], step));
      w.data[at] = w.data[at] * (1 - rate * decay) - rate * mean / (std::sqrt(variance) + eps);
    }
    for (int order : {0, 1}) {
      scales[order].data[block] = context.precision() == Precision::F32 ? float(largest[order]) : largest[order];
      for (int64_t i = 0; i < size; ++i)
        codes[order].data[block * size + i] =
            nearest(maps[order], largest[order] == 0 ? 0 : moments[order][i] / largest[order]);
    }
  }
  for (Tensor *result : {&w, &codes[0], &codes[1], &scales[0], &scales[1]})
    if (failed(context.give(op, std::move(*result), results)))
      return failure();
  return success();
}

void registerAdamW8(MLIRContext *context) { attach<train::AdamW8Op, adamw8>(context); }

} // namespace ph::reference
