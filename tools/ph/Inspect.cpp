// ph inspect: what is in a model or an artifact.
#include "runtime/base/Json.h"
#include "runtime/devices/Memory.h"
#include "runtime/devices/cpu/CpuFeatures.h"
#include "runtime/session/Manifest.h"
#include "tools/ph/Command.h"
#include "tools/ph/CompilerLibrary.h"
#include "tools/ph/InspectFolder.h"
#include "tools/ph/Metadata.h"
#include "tools/ph/Output.h"
#include "tools/ph/Source.h"
#include <filesystem>
#include <map>

namespace ph::tool {
namespace {

using Json = nlohmann::ordered_json;

/// A metadata value; long arrays only by their length.
Json valueOf(const GgufValue &value) {
  if (auto text = value.asString())
    return std::string(*text);
  if (value.isArray()) {
    if (value.size() > 16)
      return {{"elements", value.size()}};
    Json list = Json::array();
    if (auto texts = value.asStrings())
      for (std::string_view text : *texts)
        list.push_back(std::string(text));
    else if (auto integers = value.asIntegers())
      list = *integers;
    else if (auto numbers = value.asNumbers())
      list = *numbers;
    return list;
  }
  if (value.type() == GgufType::Bool)
    return value.asBool().value_or(false);
  if (auto integer = value.asInteger())
    return *integer;
  if (auto number = value.asNumber())
    return *number;
  return nullptr;
}

Json metadataOf(const GgufFile &file) {
  Json result = Json::object();
  for (const auto &[key, value] : file.entries())
    if (key != manifestKey)
      result[key] = valueOf(value);
  return result;
}

Json inspectModel(const Metadata &source) {
  Json tensors = Json::array();
  uint64_t bytes = 0;
  for (const GgufTensor &tensor : source.model->tensors()) {
    bytes += tensor.data.size();
    tensors.push_back({{"name", tensor.name},
                       {"format", std::string(tensor.format->name)},
                       {"shape", tensor.shape},
                       {"bytes", tensor.data.size()}});
  }
  return {{"kind", "model"},
          {"path", source.path()},
          {"gguf", source.model->version()},
          {"tensor_bytes", bytes},
          {"metadata", metadataOf(source.keys())},
          {"tensors", std::move(tensors)}};
}

Json inspectArtifact(const Metadata &source, const Manifest &manifest, const Json &manifestJson) {
  Json runs = Json::object();
  const auto known = cpuLevels();
  for (const KernelLevel &level : manifest.levels) {
    auto found = std::find_if(known.begin(), known.end(), [&](const auto &k) { return k.name == level.name; });
    runs[level.name] = found != known.end() && found->missing.empty();
  }
  const Artifact &artifact = *source.artifact.artifact;
  return {{"kind", "artifact"},
          {"path", source.path()},
          {"offset", source.artifact.offset},
          {"elf_bytes", artifact.elf().size()},
          {"weights_bytes", artifact.weights().size()},
          {"runs_here", runs},
          {"manifest", manifestJson},
          {"metadata", metadataOf(artifact.metadata())}};
}

std::string oneLine(const Json &value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 100)
    text = text.substr(0, 97) + "...";
  return text;
}

void printMetadata(const Json &metadata) {
  print("metadata\n");
  for (const auto &[key, value] : metadata.items())
    print("  " + key + " = " + oneLine(value) + "\n");
}

void printModel(const Json &report) {
  if (report.contains("gguf"))
    printLine("model       %s (GGUF %lld)\n", report["path"].get<std::string>().c_str(),
              static_cast<long long>(report["gguf"].get<int64_t>()));
  else if (report["kind"] == "graph")
    printLine("model       %s (ONNX)\n", report["path"].get<std::string>().c_str());
  else
    printLine("model       %s (a folder of %zu files)\n", report["path"].get<std::string>().c_str(),
              report["files"].size());
  std::map<std::string, std::pair<int64_t, uint64_t>> formats;
  for (const Json &tensor : report["tensors"]) {
    auto &[count, bytes] = formats[tensor["format"].get<std::string>()];
    ++count;
    bytes += tensor["bytes"].get<uint64_t>();
  }
  printLine("tensors     %zu, %s\n", report["tensors"].size(),
            formatBytes(report["tensor_bytes"].get<uint64_t>()).c_str());
  for (const auto &[name, sum] : formats)
    printLine("  %-8s %5lld  %s\n", name.c_str(), static_cast<long long>(sum.first), formatBytes(sum.second).c_str());
  printMetadata(report["metadata"]);
}

void printArtifact(const Json &report, const Manifest &m) {
  printLine("artifact    %s\n", report["path"].get<std::string>().c_str());
  printLine("model       %s, %s, %lld layers, %lld KV heads of %lld, vocabulary %lld, context %lld\n", m.name.c_str(),
            m.architecture.c_str(), static_cast<long long>(m.layers), static_cast<long long>(m.kvHeads),
            static_cast<long long>(m.headDim), static_cast<long long>(m.sizes.vocabulary),
            static_cast<long long>(m.sizes.contextLength));
  printLine("compiler    %s\n", m.compiler.c_str());
  printLine("activations %s, cache %s\n", m.activations.c_str(), m.cacheType.c_str());
  for (const auto &[level, runs] : report["runs_here"].items())
    printLine("kernels     %s%s\n", level.c_str(), runs.get<bool>() ? "" : " (not on this CPU)");
  printLine("code        %s\n", formatBytes(report["elf_bytes"].get<uint64_t>()).c_str());
  printLine("weights     %s in %zu tensors\n", formatBytes(m.sizes.weights).c_str(), m.weights.size());
  for (const ManifestAdapter &adapter : m.adapters.list)
    printLine("adapter     %s, rank %lld\n", adapter.name.c_str(), static_cast<long long>(adapter.rank));
  printLine("memory      weights + %s per position + %s + %s per token of a step\n",
            formatBytes(m.sizes.cachePerPosition).c_str(), formatBytes(m.sizes.arenaFixed).c_str(),
            formatBytes(m.sizes.arenaPerRow).c_str());
  printLine("per token   %.3g FLOP, %s of weights\n", m.flopPerToken,
            formatBytes(uint64_t(m.weightBytesPerToken)).c_str());
  printMetadata(report["metadata"]);
}

Status explain(const std::string &nameOrFile) {
  auto library = CompilerLibrary::load();
  if (!library)
    return library.error();
  auto text = library->explain(nameOrFile);
  if (!text)
    return text.error();
  print(*text);
  return {};
}

Expected<Json> inspectGraph(const std::string &path) {
  auto library = CompilerLibrary::load();
  if (!library)
    return library.error();
  auto text = library->explainGraph(path);
  if (!text)
    return text.error();
  return Json::parse(*text);
}

Status inspect(const std::string &name, bool json) {
  auto found = findSource(name);
  if (!found)
    return found.error();
  std::error_code ignored;
  if (std::filesystem::is_directory(found->path, ignored)) {
    auto report = inspectFolder(found->path);
    if (!report)
      return report.error();
    json ? void(printJson(*report, /*indented=*/true)) : printModel(*report);
    return {};
  }
  if (found->path.ends_with(".onnx")) {
    auto report = inspectGraph(found->path);
    if (!report)
      return report.error();
    json ? void(printJson(*report, /*indented=*/true)) : printModel(*report);
    return {};
  }
  auto source = Metadata::open(name);
  if (!source)
    return source.error();
  if (source->source.kind == SourceKind::Model) {
    const Json report = inspectModel(*source);
    json ? void(printJson(report, /*indented=*/true)) : printModel(report);
    return {};
  }
  const Artifact &artifact = *source->artifact.artifact;
  auto manifest = Manifest::parse(artifact.manifest(), source->path(), artifact.weights().size());
  if (!manifest)
    return manifest.error();
  const Json report = inspectArtifact(*source, *manifest, Json::parse(artifact.manifest(), nullptr, false));
  json ? void(printJson(report, /*indented=*/true)) : printArtifact(report, *manifest);
  return {};
}

} // namespace

void addInspect(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("inspect", "Show what is in a model or an artifact");
  command->footer("Examples:\n"
                  "  ph inspect smollm2\n"
                  "  ph inspect model.phx --json\n"
                  "  ph inspect --architecture llama");
  auto name = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  auto architecture = std::make_shared<std::string>();
  auto *model =
      command->add_option("MODEL", *name, "a model, its folder, an ONNX graph, an artifact, or the name smollm2");
  command->add_flag("--json", *json, "one JSON object, with every tensor");
  command
      ->add_option("--architecture", *architecture,
                   "instead of a model: explain the description of a family, a file or the name of a built-in one")
      ->excludes(model);
  command->callback([=, &chosen] {
    if (name->empty() && architecture->empty())
      throw CLI::RequiredError("MODEL");
    chosen = [=] { return architecture->empty() ? inspect(*name, *json) : explain(*architecture); };
  });
}

} // namespace ph::tool
