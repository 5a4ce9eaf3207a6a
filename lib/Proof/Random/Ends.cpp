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

void finish(Draft &draft, const Stream &x, Weight table, int64_t vocabulary) {
  switch (draft.below(8)) {
  case 0: {
    std::string valid = draft.chance(50) ? draft.argument("valid", "tensor<?x?xi32>") : "";
    return draft.giveToo(draft.emit("xf.pool " + draft.among<std::string>({"mean", "cls", "last", "max"}) + " " +
                                    x.name + (valid.empty() ? "" : " valid(" + valid + ")") + " : (" + x.type() +
                                    (valid.empty() ? "" : ", tensor<?x?xi32>") + ") -> " + rowType(x.width)),
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
  case 3:
    return draft.giveToo(x.name, x.type());
  default:
    if (table.name.empty())
      table = draft.weight({vocabulary, x.width});
    giveScores(draft, x, table, vocabulary);
  }
}

} // namespace ph::proof
