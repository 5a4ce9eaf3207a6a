// An ONNX file: the parsed message and the bytes of its tensors. Knows nothing of MLIR.
#pragma once
#include "ElementType.h"
#include "ExternalData.h"
#include "onnx-ml.pb.h"
#include "runtime/base/Error.h"
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ph::onnx_import {

/// A tensor of the file: an initializer, or what an attribute holds.
struct FileTensor {
  std::string name; ///< of an initializer, or of the constant's result; unique
  std::vector<int64_t> shape;
  const ElementType *type = nullptr;
  std::span<const uint8_t> data; ///< little endian, row-major; empty for text

  int64_t elements() const { return count; }
  int64_t count = 0;
  /// Of a type of numbers: element `index`, as a double or an integer.
  double number(int64_t index) const;
  int64_t integer(int64_t index) const;
};

/// The whole file. Views live as long as it.
class OnnxFile {
public:
  /// The opset versions of ONNX's own domain that are known here.
  static constexpr int64_t kOldestOpset = 11, kNewestOpset = 28;
  /// Deeper subgraphs than these, or nodes and tensors beyond these counts, are refused.
  static constexpr int kMostDepth = 16;

  /// Errors: Failed if the file can't be read, BadModel if it is malformed; the message names file and tensor.
  static Expected<std::unique_ptr<OnnxFile>> open(const std::string &path);
  /// Of bytes in memory, which may be forgotten afterwards; `path` is where external data is looked for.
  static Expected<std::unique_ptr<OnnxFile>> parse(std::span<const uint8_t> bytes, const std::string &path);

  const std::string &path() const { return where; }
  const onnx::ModelProto &model() const { return *message; }
  /// The version of a domain's operators, "" being ONNX's own; 0 if the model doesn't use it.
  int64_t opset(const std::string &domain) const;

  /// All initializers and tensors of attributes, in the file's order.
  const std::deque<FileTensor> &tensors() const { return all; }
  /// Null for a tensor that isn't in the file.
  const FileTensor *find(const onnx::TensorProto &tensor) const;

private:
  explicit OnnxFile(const std::string &path) : where(path), external(path) {}

  Status check();
  Status addGraph(const onnx::GraphProto &graph, int depth);
  Status addNode(const onnx::NodeProto &node, int depth);
  Status add(const onnx::TensorProto &tensor, std::string name);
  Expected<std::span<const uint8_t>> dataOf(const onnx::TensorProto &tensor, const FileTensor &about);
  Expected<std::span<const uint8_t>> externalOf(const onnx::TensorProto &tensor, uint64_t bytes);
  Error bad(const std::string &what) const { return {ErrorCode::BadModel, where + ": " + what}; }

  std::string where;
  ExternalData external;
  std::unique_ptr<onnx::ModelProto> message;
  std::deque<FileTensor> all;
  std::deque<std::vector<uint8_t>> converted; ///< data that the message holds number by number
  std::unordered_map<const onnx::TensorProto *, const FileTensor *> index;
  std::unordered_set<std::string> names;
};

} // namespace ph::onnx_import
