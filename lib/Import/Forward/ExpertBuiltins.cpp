// Mixtures of experts.
#include "Builtins.h"

using namespace mlir;

namespace ph {

static Call::Result router(Call &call) {
  Value logits = call.activation(0), bias = call.weightNamed("bias", 1);
  std::string name = call.text("scoring", "softmax");
  std::optional<xf::Scoring> scoring = xf::symbolizeScoring(name);
  int64_t topK = call.integer("top_k"), groups = call.integer("groups", 1), groupTopK = call.integer("group_top_k", 1);
  bool after = call.flag("after_top_k"), normalize = call.flag("normalize");
  FloatAttr scale = call.numberUnless("scale", 1);
  if (!scoring)
    call.fail("\"" + name + "\" is no scoring; known are softmax and sigmoid");
  if (topK < 1)
    call.fail("top_k is 1 or more");
  if (call.failed())
    return call.error();
  auto weights = withFeatures(logits, topK);
  auto experts = RankedTensorType::get(weights.getShape(), call.b.getI32Type());
  // One group is none.
  IntegerAttr groupsAttr, groupTopKAttr;
  if (groups != 1) {
    groupsAttr = call.b.getI64IntegerAttr(groups);
    groupTopKAttr = call.b.getI64IntegerAttr(groupTopK);
  }
  auto flag = [&](bool given) { return given ? call.b.getUnitAttr() : UnitAttr(); };
  auto op = xf::RouterOp::create(call.b, call.at, weights, experts, logits, bias,
                                 xf::ScoringAttr::get(call.b.getContext(), *scoring), call.b.getI64IntegerAttr(topK),
                                 groupsAttr, groupTopKAttr, flag(after), flag(normalize), scale);
  return SmallVector<Value>(op.getResults());
}

static Call::Result expertLinear(Call &call) {
  Value input = call.activation(0), matrices = call.weight(1, 3), experts = call.value(2),
        bias = call.weightNamed("bias", 2);
  if (experts && !xf::isIntTensor(experts.getType()))
    call.fail("argument 3 of expert_linear is what router gave second");
  if (call.failed())
    return call.error();
  SmallVector<int64_t> shape(shapeOf(experts));
  shape.push_back(shapeOf(matrices)[1]);
  auto type = RankedTensorType::get(shape, call.b.getF32Type());
  return SmallVector<Value>{xf::ExpertLinearOp::create(call.b, call.at, type, input, matrices, experts, bias)};
}

static Call::Result combineExperts(Call &call) {
  Value input = call.activation(0), weights = call.activation(1);
  if (input && shapeOf(input).size() < 3)
    call.fail("combine_experts needs what expert_linear gave");
  if (call.failed())
    return call.error();
  SmallVector<int64_t> shape(shapeOf(input));
  shape.erase(shape.end() - 2);
  auto type = RankedTensorType::get(shape, call.b.getF32Type());
  return SmallVector<Value>{xf::CombineExpertsOp::create(call.b, call.at, type, input, weights)};
}

const std::vector<Builtin> &expertBuiltins() {
  static const std::vector<Builtin> table = {
      {"router",
       router,
       1,
       1,
       {"scoring", "top_k", "bias", "groups", "group_top_k", "after_top_k", "normalize", "scale"},
       "weights, experts = router(x, scoring = 'softmax', top_k = …, bias = b, groups = 1, group_top_k = 1, "
       "after_top_k = false, normalize = false, scale = 1)",
       "which experts each token has, and how much each counts"},
      {"expert_linear",
       expertLinear,
       3,
       3,
       {"bias"},
       "expert_linear(x, W, experts, bias = b)",
       "the products of x with the matrices of each token's experts"},
      {"combine_experts",
       combineExperts,
       2,
       2,
       {},
       "combine_experts(y, weights)",
       "what the experts gave, each as much as it counts"}};
  return table;
}

} // namespace ph
