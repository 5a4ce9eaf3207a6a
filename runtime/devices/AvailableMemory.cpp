#include "runtime/devices/Memory.h"
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <sys/resource.h>
#include <unistd.h>

namespace ph {
namespace {

/// The number after `key` at the beginning of a line of `path` (whole file if the key is empty). None if there is none,
/// as in "max".
std::optional<uint64_t> number(const std::string &path, std::string_view key = "") {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.compare(0, key.size(), key) != 0)
      continue;
    const char *at = line.data() + key.size(), *end = line.data() + line.size();
    while (at != end && (*at == ' ' || *at == '\t' || *at == ':'))
      ++at;
    uint64_t value;
    if (std::from_chars(at, end, value).ec == std::errc())
      return value;
    if (key.empty())
      break;
  }
  return std::nullopt;
}

void lower(AvailableMemory &available, uint64_t bytes, std::string limit) {
  if (bytes < available.bytes)
    available = {bytes, std::move(limit), available.addressSpace};
}

/// One folder of the memory controller: its limit less what is used and can't be dropped.
void askGroup(AvailableMemory &available, const std::string &folder, bool v2) {
  auto limit = number(folder + (v2 ? "/memory.max" : "/memory.limit_in_bytes"));
  auto used = number(folder + (v2 ? "/memory.current" : "/memory.usage_in_bytes"));
  // v1 writes "no limit" as a number near 2^63.
  if (!limit || !used || *limit >= uint64_t(1) << 62)
    return;
  const char *prefix = v2 ? "" : "total_";
  uint64_t files = number(folder + "/memory.stat", std::string(prefix) + "inactive_file ").value_or(0) +
                   number(folder + "/memory.stat", std::string(prefix) + "active_file ").value_or(0);
  uint64_t fixed = *used - std::min(*used, files);
  lower(available, *limit - std::min(*limit, fixed), "the memory cgroup at " + folder);
}

void askGroups(AvailableMemory &available, const std::string &root) {
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    // hierarchy:controllers:path; controllers are empty in v2
    size_t first = line.find(':'), second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos)
      continue;
    std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",", path = line.substr(second + 1);
    bool v2 = controllers == ",,";
    if (!v2 && controllers.find(",memory,") == std::string::npos)
      continue;
    // Inside a container the path may be the host's while the mount shows only our own group: the mount's root is
    // asked too.
    std::string mount = root + (v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory");
    while (!path.empty() && path != "/") {
      askGroup(available, mount + path, v2);
      path.resize(path.rfind('/'));
    }
    askGroup(available, mount, v2);
  }
}

} // namespace

AvailableMemory availableMemory(const std::string &root) {
  AvailableMemory available;
  if (auto kb = number(root + "/proc/meminfo", "MemAvailable"))
    lower(available, *kb * 1024, "MemAvailable of /proc/meminfo");
  askGroups(available, root);
  rlimit limit;
  if (root.empty() && getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    uint64_t used = number("/proc/self/statm").value_or(0) * uint64_t(sysconf(_SC_PAGESIZE));
    available.addressSpace = limit.rlim_cur - std::min<uint64_t>(limit.rlim_cur, used);
  }
  return available;
}

uint64_t residentBytes() { return number("/proc/self/status", "VmRSS").value_or(0) * 1024; }
uint64_t peakResidentBytes() { return number("/proc/self/status", "VmHWM").value_or(0) * 1024; }

std::string formatBytes(uint64_t bytes) {
  const char *units[] = {"bytes", "kB", "MB", "GB", "TB", "PB", "EB"};
  double value = double(bytes);
  int unit = 0;
  for (; value >= 999.5 && unit < 6; ++unit)
    value /= 1000;
  char text[32];
  std::snprintf(text, sizeof text, "%.*f %s",
                unit == 0 || value >= 99.95 ? 0
                : value >= 9.995            ? 1
                                            : 2,
                value, units[unit]);
  return text;
}

} // namespace ph
