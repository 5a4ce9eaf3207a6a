// A family of models, read from a text file. The schema is described in Architectures/README.md.
#pragma once
#include "Expression.h"
#include "powerhouse/Import/SourceModel.h"
#include <map>
#include <memory>

namespace ph {

/// One quantity of the configuration: where each ecosystem keeps it, and what it may be.
struct ConfigEntry {
  enum class Type { Integer, Number, String, Boolean };
  std::string name;
  int line = 0;
  Type type = Type::Integer;
  std::optional<std::pair<double, double>> range; ///< of numbers: least and greatest, both allowed
  std::vector<std::string> oneOf;                 ///< of strings: what is supported
  std::optional<Expression> fallback;             ///< where the checkpoint says nothing; without it that is an error
  std::map<std::string, std::vector<std::string>> keys; ///< by ecosystem; the first that is there counts
};

/// What must hold between the quantities.
struct CheckEntry {
  int line = 0;
  Expression condition;
  std::string message; ///< what is said when it doesn't hold
};

/// Where (a part of the rows of) a weight is.
struct WeightSource {
  std::string tensor; ///< may contain {layer}
  std::optional<Expression> transform;
};

/// One weight of the model, stacked over layers if its tensors' names contain {layer}.
struct WeightEntry {
  std::string name;
  int line = 0;
  bool stacked = false;
  std::vector<Expression> shape;                            ///< of one layer, outermost first
  std::map<std::string, std::vector<WeightSource>> sources; ///< by ecosystem; rows concatenated in order
  std::string otherwise;                                    ///< the weight that takes its place where it is absent
  bool optional = false;                                    ///< may be absent without replacement
  std::optional<Expression> first, count;                   ///< of the layers; all without
};

struct Architecture {
  std::string path; ///< of the description, for messages
  std::string family;
  std::map<std::string, std::vector<std::string>> matches; ///< by ecosystem: names that checkpoints give
  std::vector<ConfigEntry> config;
  std::vector<CheckEntry> checks;
  std::vector<WeightEntry> weights;
  std::map<std::string, std::vector<std::string>> ignoredTensors, ignoredKeys;
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> refusedTensors; ///< name, reason
  std::vector<Statement> forward;

  const WeightEntry *findWeight(std::string_view name) const;
  /// A BadModel error that points at a line of the description.
  Error errorAt(int line, const std::string &message) const;
};

/// Parses and validates a description. Errors: BadModel, "path:line: what".
Expected<std::shared_ptr<const Architecture>> parseArchitecture(std::string_view text, const std::string &path);

/// The description for a checkpoint: of `file` if it isn't empty, else the built-in one whose names match.
Expected<std::shared_ptr<const Architecture>> chooseArchitecture(const SourceModel &model, const std::string &file);

/// "blk.{layer}.x", 3 → "blk.3.x".
std::string withLayer(const std::string &name, int64_t layer);
inline bool isPerLayer(std::string_view name) { return name.find("{layer}") != std::string_view::npos; }

} // namespace ph
