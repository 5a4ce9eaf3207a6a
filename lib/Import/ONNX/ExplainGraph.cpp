// What is in an ONNX file, as JSON.
#include "File/OnnxFile.h"
#include "powerhouse/Import/Import.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"
#include <map>

namespace ph {

using llvm::json::Array;
using llvm::json::fixUTF8;
using llvm::json::Object;

static std::string typeOf(const onnx::ValueInfoProto &value) {
  if (!value.type().has_tensor_type())
    return "no tensor";
  const auto &tensor = value.type().tensor_type();
  std::string text = "[";
  for (const auto &dim : tensor.shape().dim())
    text += (text.size() > 1 ? ", " : "") + (dim.has_dim_value()       ? std::to_string(dim.dim_value())
                                             : dim.dim_param().empty() ? "?"
                                                                       : dim.dim_param());
  const onnx_import::ElementType *type = onnx_import::findElementType(tensor.elem_type());
  return fixUTF8((type ? type->name : "unknown") + std::string(" ") + text + "]");
}

static void count(const onnx::GraphProto &graph, std::map<std::string, int64_t> &operators) {
  for (const onnx::NodeProto &node : graph.node()) {
    ++operators[(node.domain().empty() ? "" : node.domain() + ".") + node.op_type()];
    for (const onnx::AttributeProto &attribute : node.attribute())
      if (attribute.has_g())
        count(attribute.g(), operators);
  }
}

Expected<std::string> explainGraph(const std::string &path) {
  auto file = onnx_import::OnnxFile::open(path);
  if (!file)
    return file.error();
  const onnx::ModelProto &model = (*file)->model();
  Object metadata{{"opset", (*file)->opset("")}, {"producer", fixUTF8(model.producer_name())}};
  for (const onnx::StringStringEntryProto &entry : model.metadata_props())
    metadata[fixUTF8(entry.key())] = fixUTF8(entry.value());
  for (const onnx::ValueInfoProto &input : model.graph().input())
    metadata["input " + fixUTF8(input.name())] = typeOf(input);
  for (const onnx::ValueInfoProto &output : model.graph().output())
    metadata["output " + fixUTF8(output.name())] = typeOf(output);
  std::map<std::string, int64_t> operators;
  count(model.graph(), operators);
  for (const auto &[name, times] : operators)
    metadata["operator " + fixUTF8(name)] = times;
  Array tensors;
  int64_t bytes = 0;
  for (const onnx_import::FileTensor &tensor : (*file)->tensors()) {
    bytes += int64_t(tensor.data.size());
    tensors.push_back(Object{{"name", fixUTF8(tensor.name)},
                             {"format", tensor.type->name},
                             {"shape", Array(tensor.shape)},
                             {"bytes", int64_t(tensor.data.size())}});
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::json::Value(Object{{"kind", "graph"},
                                                             {"path", fixUTF8(path)},
                                                             {"tensor_bytes", bytes},
                                                             {"metadata", std::move(metadata)},
                                                             {"tensors", std::move(tensors)}});
  return text;
}

} // namespace ph
