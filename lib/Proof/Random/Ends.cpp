// Where a stream comes from, and what is made of it at last.
#include "lib/Proof/Random/Draft.h"

namespace ph::proof {

static std::string rowType(int64_t width) { return "tensor<?x" + std::to_string(width) + "xf32>"; }

Stream embed(Draft &draft, const Weight &table, int64_t width) {
  Stream x{"", width};
  std::string types = " : (tensor<?x?xi32>, " + table.type + ") -> " + x.type();
  if (draft.chance(25) && table.type.find("#xf") == std::string::npos)
    x.name = draft.emit("xf.gather " + table.name + ", " + draft.tokens() + " axis = 0 : (" + table.type +
                        ", tensor<?x?xi32>) -> " + x.type());
  else
    x.name = draft.emit("xf.embedding " + draft.tokens() + ", " + table.name + draft.maybe(30, " scale = 8.0") + types);
  if (draft.chance(30))
    x = draft.stream(width, "xf.scale " + x.name + " by 4.0 : (" + x.type() + ") -> " + x.type());
  return x;
}

/// The scores of one token for each sequence, or the token that they lead to.
static void giveScores(Draft &draft, const Stream &x, const Weight &table, int64_t vocabulary) {
  std::string rows = draft.argument("rows", "tensor<?xi32>"), type = rowType(x.width), logits = rowType(vocabulary);
  std::string last =
      draft.emit("xf.select_rows " + x.name + ", " + rows + " : (" + x.type() + ", tensor<?xi32>) -> " + type);
  if (draft.chance(20))
    last = draft.emit("xf.scale " + last + " by 0.25 : (" + type + ") -> " + type);
  std::string scores =
      draft.emit("xf.logits " + last + ", " + table.name + draft.maybe(20, " scale = 0.5") +
                 draft.maybe(20, " soft_cap = 30.0") + " : (" + type + ", " + table.type + ") -> " + logits);
  switch (draft.below(6)) {
  case 0:
    return draft.giveToo(draft.emit("xf.argmax " + scores + " : (" + logits + ") -> tensor<?xi32>"), "tensor<?xi32>");
  case 1: {
    // One number for each row: as many as there are rows.
    std::string uniform = draft.argument("uniform", "tensor<?xf32>");
    return draft.giveToo(draft.emit("xf.sample " + scores + ", " + uniform + " temperature = " +
                                    draft.among<std::string>({"0.0", "0.8"}) + draft.maybe(50, " top_k = 5") + " : (" +
                                    logits + ", tensor<?xf32>) -> tensor<?xi32>"),
                         "tensor<?xi32>");
  }
  default:
    draft.giveToo(scores, logits);
  }
}

/// xf.pool of all rows, as exporters write it.
static std::string spelledPool(Draft &draft, const Stream &x, const std::string &kind) {
  if (kind == "mean" || kind == "max")
    return draft.emit("xf.reduce " + kind + " " + x.name + " axes = [1] : (" + x.type() + ") -> " + rowType(x.width));
  std::string place = draft.emit("arith.constant dense<" + std::string(kind == "cls" ? "0" : "-1") + "> : tensor<i32>");
  return draft.emit("xf.gather " + x.name + ", " + place + " axis = 1 : (" + x.type() + ", tensor<i32>) -> " +
                    rowType(x.width));
}

/// Scores of all tokens, scaled or capped, as exporters write them.
static void giveSpelledScores(Draft &draft, const Stream &x, int64_t vocabulary) {
  Weight w = draft.weight({vocabulary, x.width});
  Stream y{"", vocabulary};
  y.name = draft.emit("xf.linear " + x.name + ", " + w.name + " : (" + x.type() + ", " + w.type + ") -> " + y.type());
  std::string number = draft.emit("arith.constant dense<8.0> : tensor<f32>"),
              types = " : (" + y.type() + ", tensor<f32>) -> " + y.type();
  y.name = draft.emit("xf.elementwise div " + y.name + ", " + number + types);
  if (draft.chance(50)) {
    y.name = draft.emit("xf.unary tanh " + y.name + " : (" + y.type() + ") -> " + y.type());
    y.name = draft.emit("xf.elementwise mul " + y.name + ", " + number + types);
  }
  draft.giveToo(y.name, y.type());
}

void finish(Draft &draft, const Stream &x, Weight table, int64_t vocabulary) {
  switch (draft.below(8)) {
  case 0: {
    std::string valid = draft.chance(50) ? draft.argument("valid", "tensor<?x?xi32>") : "";
    auto kind = draft.among<std::string>({"mean", "cls", "last", "max"});
    return draft.giveToo(valid.empty() ? spelledPool(draft, x, kind)
                                       : draft.emit("xf.pool " + kind + " " + x.name + " valid(" + valid + ") : (" +
                                                    x.type() + ", tensor<?x?xi32>) -> " + rowType(x.width)),
                         rowType(x.width));
  }
  case 1: {
    Stream scores = draft.linear(x, vocabulary);
    std::string labels = draft.argument("labels", "tensor<?x?xi32>");
    return draft.giveToo(draft.emit("xf.cross_entropy " + scores.name + ", " + labels +
                                    draft.maybe(50, " smoothing = 0.1") + " : (" + scores.type() +
                                    ", tensor<?x?xi32>) -> tensor<f32>"),
                         "tensor<f32>");
  }
  case 2:
    return giveSpelledScores(draft, x, vocabulary);
  case 3:
    return draft.giveToo(x.name, x.type());
  default:
    if (table.name.empty())
      table = draft.weight({vocabulary, x.width});
    giveScores(draft, x, table, vocabulary);
  }
}

} // namespace ph::proof
