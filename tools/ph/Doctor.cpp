// ph doctor: what this machine offers, and what is installed.
#include "runtime/devices/Memory.h"
#include "runtime/devices/cpu/CpuFeatures.h"
#include "runtime/formats/ModelStore.h"
#include "runtime/threads/Team.h"
#include "tools/ph/Command.h"
#include "tools/ph/CompilerLibrary.h"
#include "tools/ph/Flags.h"
#include "tools/ph/Output.h"
#include <filesystem>
#include <unistd.h>

namespace ph::tool {
namespace {

using Json = nlohmann::ordered_json;

/// The word in brackets of "always [madvise] never".
std::string hugePages() {
  auto text = readFile("/sys/kernel/mm/transparent_hugepage/enabled");
  if (!text)
    return "unavailable";
  const size_t open = text->find('['), close = text->find(']');
  return open < close && close != std::string::npos ? text->substr(open + 1, close - open - 1) : "unknown";
}

Json cpu() {
  Json features = Json::array(), levels = Json::object();
  for (const CpuFeature &feature : cpuFeatures())
    if (feature.present)
      features.push_back(feature.name);
  for (const CpuLevelSupport &level : cpuLevels())
    levels[std::string(level.name)] = level.missing;
  auto cache = [](int name) { return std::max(sysconf(name), 0L); };
  return {{"name", cpuName()},
          {"cpus", availableCpus()},
          {"features", features},
          {"level_lacks", levels},
          {"l1d_bytes", cache(_SC_LEVEL1_DCACHE_SIZE)},
          {"l2_bytes", cache(_SC_LEVEL2_CACHE_SIZE)},
          {"l3_bytes", cache(_SC_LEVEL3_CACHE_SIZE)}};
}

Json cachedFiles() {
  auto folder = cacheFolder();
  if (!folder)
    return {{"problem", folder.error().message}};
  uint64_t bytes = 0, files = 0;
  std::error_code failure;
  for (auto at = std::filesystem::recursive_directory_iterator(*folder, failure);
       !failure && at != std::filesystem::recursive_directory_iterator(); at.increment(failure)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) {
      ++files;
      bytes += at->file_size(ignored);
    }
  }
  return {{"folder", *folder}, {"files", files}, {"bytes", bytes}};
}

Json compiler() {
  auto library = CompilerLibrary::load();
  if (!library)
    return {{"problem", library.error().message}};
  return {{"path", library->path()}, {"version", library->version()}};
}

std::string joined(const Json &list) {
  std::string text;
  for (const Json &entry : list)
    text += (text.empty() ? "" : " ") + entry.get<std::string>();
  return text;
}

/// The value that a section has, or its problem.
std::string valueOrProblem(const Json &section, const char *key) {
  return section.contains("problem") ? section["problem"].get<std::string>() : section[key].get<std::string>();
}

Status doctor(bool json) {
  const AvailableMemory memory = availableMemory();
  const Json report = {{"version", PH_VERSION},
                       {"cpu", cpu()},
                       {"memory", {{"available", memory.bytes}, {"limited_by", memory.limit}}},
                       {"huge_pages", hugePages()},
                       {"cache", cachedFiles()},
                       {"compiler", compiler()}};
  if (json) {
    printJson(report, /*indented=*/true);
    return {};
  }
  const Json &c = report["cpu"];
  auto size = [&](const char *key) { return formatBytes(c[key].get<uint64_t>()); };
  printLine("ph          %s\n", PH_VERSION);
  printLine("cpu         %s, %d usable\n", cpuName().c_str(), availableCpus());
  printLine("features    %s\n", joined(c["features"]).c_str());
  for (const CpuLevelSupport &level : cpuLevels())
    printLine("level       %-15s %s\n", std::string(level.name).c_str(),
              level.missing.empty() ? "yes" : ("no, lacks " + joined(level.missing)).c_str());
  printLine("caches      L1d %s, L2 %s, L3 %s\n", size("l1d_bytes").c_str(), size("l2_bytes").c_str(),
            size("l3_bytes").c_str());
  printLine("memory      %s available according to %s\n", formatBytes(memory.bytes).c_str(), memory.limit.c_str());
  const std::string pages = hugePages();
  printLine("huge pages  %s%s\n", pages.c_str(),
            pages == "always" || pages == "madvise" ? "" : ": weights are read some tenths slower without");
  printLine("cache       %s\n", valueOrProblem(report["cache"], "folder").c_str());
  if (report["cache"].contains("bytes"))
    printLine("            %llu files, %s\n", static_cast<unsigned long long>(report["cache"]["files"].get<uint64_t>()),
              formatBytes(report["cache"]["bytes"].get<uint64_t>()).c_str());
  printLine("compiler    %s\n", valueOrProblem(report["compiler"], "path").c_str());
  if (report["compiler"].contains("version"))
    printLine("            %s\n", report["compiler"]["version"].get<std::string>().c_str());
  return {};
}

} // namespace

void addDoctor(CLI::App &app, Action &chosen) {
  CLI::App *command = app.add_subcommand("doctor", "Show what this machine offers and what is installed");
  command->footer("Examples:\n"
                  "  ph doctor\n"
                  "  ph doctor --json");
  auto json = std::make_shared<bool>(false);
  command->add_flag("--json", *json, "one JSON object");
  command->callback([=, &chosen] { chosen = [=] { return doctor(*json); }; });
}

} // namespace ph::tool
