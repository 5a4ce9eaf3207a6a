// A family of models, read from a text file. The schema is described in Architectures/README.md.
#pragma once
#include "Expression.h"
#include "powerhouse/Import/SourceModel.h"
#include <map>
#include <memory>

namespace ph {

/// By ecosystem ("gguf", "huggingface").
template <class T> using ByEcosystem = std::map<std::string, T, std::less<>>;

/// One quantity of the configuration: where each ecosystem keeps it, and what it may be.
struct ConfigEntry {
  enum class Type { Integer, Number, String, Boolean, Activation, Rope };
  std::string name;
  int line = 0;
  Type type = Type::Integer;
  bool isList = false;
  std::optional<std::pair<double, double>> range;                   ///< of numbers: least and greatest, both allowed
  std::vector<std::pair<std::string, std::optional<Scalar>>> oneOf; ///< what the checkpoint may say, and what it means
  std::map<std::string, Expression, std::less<>>
      fallback;                     ///< by ecosystem, "" for all: where the checkpoint says nothing
  std::optional<Expression> ofNull; ///< what it is where the checkpoint says null; without it null is as nothing
  ByEcosystem<std::vector<std::string>> keys;          ///< the first that is there counts
  std::map<std::string, Expression, std::less<>> rope; ///< of a rope: dim, base, style, original, factor

  /// What it is where the checkpoint says nothing; null if that is an error.
  const Expression *fallbackIn(std::string_view ecosystem) const;
};

/// What must hold between the quantities.
struct CheckEntry {
  int line = 0;
  Expression condition;
  std::string message; ///< what is said when it doesn't hold
};

/// Where (a part of the rows of) a weight is.
struct WeightSource {
  std::string tensor; ///< may contain {layer}, {expert} and names of prefixes
  int line = 0;
  std::vector<Expression> transforms; ///< calls and names: transposed, rows(from, count), part(i, n), …
};

/// One weight of the model, stacked over layers if its tensors' names contain {layer}.
struct WeightEntry {
  using Parts = std::vector<WeightSource>; ///< rows concatenated in order
  std::string name;
  int line = 0;
  bool stacked = false;
  std::vector<Expression> shape;           ///< of one layer, outermost first
  ByEcosystem<std::vector<Parts>> sources; ///< alternatives: the first whose first tensor is there
  std::string otherwise;                   ///< the weight that takes its place where it is absent
  bool optional = false;                   ///< may be absent without replacement
  std::optional<Expression> when;          ///< it is absent where this doesn't hold
  std::optional<Expression> count;         ///< of the layers; all without
  std::optional<Expression> where;         ///< which layers have it; all without
};

/// An argument of a function and its type: tokens, indices, cache, images(c, h, w), features(…).
struct ArgumentEntry {
  std::string name;
  int line = 0;
  Expression type;
};

/// A function of the module.
struct FunctionEntry {
  std::string name;
  int line = 0;
  std::optional<Expression> when; ///< it is left out where this doesn't hold
  std::vector<ArgumentEntry> arguments;
  std::vector<std::string> results; ///< those that the lines gave a value
  std::vector<Statement> body;
};

struct Architecture {
  /// More lines than a description can have, which is at most 1 MiB.
  static constexpr int kLinesOfFile = 1 << 20;

  std::vector<std::string> paths; ///< of the description, and of those that it extends
  std::string family, about;
  ByEcosystem<std::vector<std::string>> matches; ///< names that checkpoints give
  ByEcosystem<std::map<std::string, std::vector<std::string>, std::less<>>> prefixes;
  std::vector<ConfigEntry> config;
  std::vector<CheckEntry> checks;
  std::vector<WeightEntry> weights;
  ByEcosystem<std::vector<std::string>> ignoredTensors, ignoredKeys;
  ByEcosystem<std::vector<std::pair<std::string, std::string>>> refusedTensors; ///< name, reason
  std::vector<FunctionEntry> functions;

  const WeightEntry *findWeight(std::string_view name) const;
  const ConfigEntry *findConfig(std::string_view name) const;
  /// The file of a line, and its number there. Lines of file n are counted on from n · kLinesOfFile.
  const std::string &pathOf(int line) const { return paths[line / kLinesOfFile]; }
  static int lineInFile(int line) { return line % kLinesOfFile; }
  /// A BadModel error that points at a line of the description.
  Error errorAt(int line, const std::string &message) const;
};

/// Parses and validates a description. Errors: BadModel, "path:line: what".
Expected<std::shared_ptr<const Architecture>> parseArchitecture(std::string_view text, const std::string &path);

/// The description for a checkpoint: of `file` if it isn't empty, else the built-in one whose names match.
Expected<std::shared_ptr<const Architecture>> chooseArchitecture(const SourceModel &model, const std::string &file);

/// The built-in description for what checkpoints of an ecosystem call their family; null if there is none. `known` gets
/// all names that there are. Errors: BadModel, of a description itself.
Expected<std::shared_ptr<const Architecture>> builtInArchitecture(const std::string &ecosystem, const std::string &name,
                                                                  std::string &known);

/// The names of the built-in ones.
std::vector<std::string> builtInFamilies();

/// The description that is a file, or the built-in one of that name.
Expected<std::shared_ptr<const Architecture>> findArchitecture(const std::string &nameOrFile);

/// "blk.{layer}.x", "{layer}", 3 → "blk.3.x".
std::string withNumber(std::string name, std::string_view place, int64_t number);
inline bool isPerLayer(std::string_view name) { return name.find("{layer}") != std::string_view::npos; }
inline bool isPerExpert(std::string_view name) { return name.find("{expert}") != std::string_view::npos; }

} // namespace ph
