// A description applied to a checkpoint: every quantity has its value, every weight its tensors.
#pragma once
#include "Architecture.h"

namespace ph {

/// A weight found in the checkpoint.
struct ResolvedWeight {
  const WeightEntry *entry = nullptr;
  bool present = false;                ///< false: use entry->otherwise, or leave it out
  int64_t first = 0;                   ///< stacked: the layer of index 0
  int64_t count = 1;                   ///< stacked: the number of layers
  std::vector<int64_t> shape;          ///< of one layer
  std::vector<int64_t> rows;           ///< of each source
  const Format *format = nullptr;      ///< of all layers; of several, the one that asks most of kernels
  std::vector<const Format *> formats; ///< the different ones, in order of appearance
};

struct ResolvedModel {
  std::shared_ptr<const Architecture> architecture;
  std::string architectureName;                       ///< as the checkpoint gives it
  std::vector<std::pair<std::string, Scalar>> config; ///< in the description's order
  std::vector<ResolvedWeight> weights;                ///< one per entry, in order
  std::vector<std::string> warnings;

  std::optional<Scalar> lookup(std::string_view name) const;
  int64_t integer(std::string_view name) const; ///< of a quantity that the schema guarantees
  const ResolvedWeight *findWeight(std::string_view name) const;
};

/// Errors: BadModel. Each names the file and the key or tensor, what was found and what was expected.
Expected<ResolvedModel> applyArchitecture(const SourceModel &model, std::shared_ptr<const Architecture> architecture);

} // namespace ph
