// A description applied to a checkpoint: every quantity has its value, every weight its tensors.
#pragma once
#include "Architecture.h"
#include <set>

namespace ph {

/// A source of a weight with the numbers of its transforms; they are those of #xf.source.
struct ResolvedSource {
  std::string tensor; ///< the name, with {layer} or a list of layers, and {expert}
  int line = 0;
  int64_t first = 0, step = 1, rows = 0, from = 0, of = 0, ropeHalves = 0, part = 0, parts = 0;
  bool rowsStated = false, transposed = false, interleaved = false;
};

/// A weight found in the checkpoint.
struct ResolvedWeight {
  const WeightEntry *entry = nullptr;
  bool present = false;        ///< false: use entry->otherwise, or leave it out
  std::vector<int64_t> layers; ///< stacked: the layers that have it, in rising order
  std::vector<int64_t> shape;  ///< of one layer
  std::vector<ResolvedSource> sources;
  /// The one tensor of Hugging Face's ecosystem that it is all rows of, where the checkpoint is of another.
  std::optional<ResolvedSource> hub;
  const Format *format = nullptr;      ///< of all layers; of several, the one that asks most of kernels
  std::vector<const Format *> formats; ///< the different ones, in order of appearance

  /// The place of a layer in the stack; empty if it isn't there.
  std::optional<int64_t> placeOf(int64_t layer) const;
};

struct ResolvedModel {
  std::shared_ptr<const Architecture> architecture;
  std::string architectureName, ecosystem;            ///< as the checkpoint gives it
  std::vector<std::pair<std::string, Scalar>> config; ///< in the description's order
  std::vector<ResolvedWeight> weights;                ///< one per entry, in order
  std::vector<const FunctionEntry *> functions;       ///< those that this checkpoint has
  std::vector<std::string> warnings;

  std::optional<Scalar> lookup(std::string_view name) const;
  /// Of an integer quantity; empty where there is none of that name.
  std::optional<int64_t> integer(std::string_view name) const;
  const ResolvedWeight *findWeight(std::string_view name) const;
};

/// What both halves of resolving know.
struct ResolveContext {
  const SourceModel &model;
  ResolvedModel &out;
  const Architecture &family;
  std::string ecosystem;
  std::map<std::string, std::string, std::less<>> prefixes; ///< what each stands for in this checkpoint
  std::set<const SourceTensor *> consumed;                  ///< tensors that quantities were read from
  ScalarLookup lookup;                                      ///< of quantities

  Error bad(const std::string &message) const { return {ErrorCode::BadModel, model.path() + ": " + message}; }
  template <class T> T listed(const ByEcosystem<T> &byEcosystem) const {
    auto it = byEcosystem.find(ecosystem);
    return it == byEcosystem.end() ? T() : it->second;
  }
  /// {architecture} of a key, and the prefixes of a tensor's name.
  std::string expandKey(std::string key) const;
  std::string expandTensor(std::string name) const;
  /// The same, and {name} of an integer quantity.
  std::string expandPattern(std::string pattern) const;
  /// A value without tensors; also rows(weight), columns(weight) and given(weight).
  Expected<Scalar> value(const Expression &expression) const;
  /// The same with `layer` = a number.
  Expected<Scalar> value(const Expression &expression, int64_t layer) const;
  /// A truth; errors point at the line.
  Expected<bool> truth(const Expression &expression, int line, std::optional<int64_t> layer = std::nullopt) const;
  /// A size from 0; errors point at the line.
  Expected<int64_t> size(const Expression &expression, int line) const;

private:
  std::optional<Expected<Scalar>> shapeCall(const Expression &call) const;
};

/// The text with each `place` in it made `by`.
std::string replaced(std::string text, const std::string &place, const std::string &by);

/// Whether a name is like a pattern, in which {layer}, {expert} and * stand for any text.
bool isLike(std::string_view name, const std::string &pattern);

/// Gives every quantity its value; `named` gets the keys that the family knows.
Status resolveConfig(ResolveContext &context, std::set<std::string, std::less<>> &named);
/// A rotary embedding as the checkpoint states it.
Expected<Scalar> resolveRope(ResolveContext &context, const ConfigEntry &entry,
                             std::set<std::string, std::less<>> &named);
/// Finds every weight's tensors; `used` gets them.
Status resolveWeights(ResolveContext &context, std::set<const SourceTensor *> &used);

/// Errors: BadModel. Each names the file and the key or tensor, what was found and what was expected.
Expected<ResolvedModel> applyArchitecture(const SourceModel &model, std::shared_ptr<const Architecture> architecture);

} // namespace ph
