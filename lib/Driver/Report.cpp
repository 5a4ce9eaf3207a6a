#include "Report.h"

#include "runtime/base/AtomicFile.h"
#include "llvm/ADT/StringExtras.h"

namespace ph {
namespace {

std::string escape(const std::string &text) {
  std::string result;
  for (char c : text)
    if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '&')
      result += "&amp;";
    else
      result += c;
  return result;
}

std::string megabytes(int64_t bytes) { return llvm::formatv("{0:F2} MB", bytes / 1e6).str(); }

void row(llvm::raw_ostream &out, const std::string &what, const std::string &value) {
  out << "<tr><td>" << escape(what) << "</td><td>" << escape(value) << "</td></tr>\n";
}

/// A stage or a pass of it, all its runs together.
struct Line {
  std::string name, stage;
  bool isPass;
  double seconds;
  int times;
};

std::vector<Line> sumStages(const std::vector<CompileStage> &stages) {
  std::vector<Line> lines;
  std::string stage;
  for (const CompileStage &entry : stages) {
    if (!entry.isPass)
      stage = entry.name;
    auto same = llvm::find_if(lines, [&](const Line &line) {
      return line.name == entry.name && line.stage == stage && line.isPass == entry.isPass;
    });
    if (same != lines.end()) {
      same->seconds += entry.seconds;
      ++same->times;
      continue;
    }
    // After what its stage has already.
    auto after = std::find_if(lines.rbegin(), lines.rend(), [&](const Line &line) { return line.stage == stage; });
    lines.insert(after == lines.rend() ? lines.end() : after.base(),
                 {entry.name, stage, entry.isPass, entry.seconds, 1});
  }
  return lines;
}

} // namespace

Status writeReport(const CompileOptions &options, const CompileRecord &record) {
  std::string html;
  llvm::raw_string_ostream out(html);
  out << "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>" << escape(options.source)
      << "</title>\n<style>body{font:15px/1.5 sans-serif;margin:2em auto;max-width:50em}table{border-collapse:collapse;"
         "width:100%}td,th{border-bottom:1px solid #ccc;padding:.2em .6em;text-align:left}td+td,th+th{text-align:right}"
         ".pass td:first-child{padding-left:2em;color:#555}</style></head><body>\n<h1>"
      << escape(options.source) << "</h1>\n<h2>Sizes</h2>\n<table>\n";
  row(out, "tensors in the source", megabytes(record.sourceBytes));
  if (record.weightBytes)
    row(out, "packed weights", megabytes(record.weightBytes));
  if (record.codeBytes)
    row(out, "code, " + llvm::join(record.levels, " + "), llvm::formatv("{0:F1} kB", record.codeBytes / 1e3).str());
  if (record.cachePerPosition) {
    out << "</table>\n<h2>Memory plan</h2>\n<table>\n";
    row(out, "activations, for each row of a step", std::to_string(record.arenaPerRow) + " bytes");
    row(out, "activations, step of 256 rows", megabytes(record.arenaPerRow * 256));
    row(out, "KV cache (" + record.cacheType + "), for each position",
        std::to_string(record.cachePerPosition) + " bytes");
    row(out, "KV cache, 2048 positions", megabytes(record.cachePerPosition * 2048));
    out << "</table>\n<p>What shares the activations' memory. Two entries may overlap in bytes or in the events of a "
           "step during which they are in use, never in both.</p>\n<table>\n<tr><th>filled by</th><th>bytes of a "
           "row</th><th>events</th></tr>\n";
    for (const ArenaEntry &entry : record.arena)
      out << "<tr><td>" << escape(entry.holder) << "</td><td>" << entry.offset << " to " << entry.offset + entry.bytes
          << "</td><td>" << entry.first << " to " << entry.last << "</td></tr>\n";
  }
  const analysis::ModelCost &cost = record.cost;
  out << "</table>\n<h2>Cost of a token</h2>\n<table>\n";
  row(out, "FLOP, without what depends on the context", llvm::formatv("{0:F1} MFLOP", cost.flopPerToken / 1e6).str());
  row(out, "FLOP of attention, for each visible position",
      llvm::formatv("{0:F1} kFLOP", cost.flopPerTokenAndPosition / 1e3).str());
  row(out, "bytes of weights read, in the source's formats", megabytes(int64_t(cost.weightBytesPerToken)));
  if (record.packedBytesPerToken)
    row(out, "bytes of weights read, as they are packed", megabytes(record.packedBytesPerToken));
  row(out, "bytes of cache read, for each visible position",
      llvm::formatv("{0:F1} kB", cost.cacheBytesPerTokenAndPosition / 1e3).str());
  row(out, "bytes of cache written", llvm::formatv("{0:F1} kB", cost.cacheBytesWrittenPerToken / 1e3).str());
  out << "</table>\n<h2>Stages and passes</h2>\n<table>\n<tr><th>what</th><th>ms</th></tr>\n";
  for (const Line &line : sumStages(record.stages))
    out << "<tr" << (line.isPass ? " class=\"pass\"" : "") << "><td>" << escape(line.name)
        << (line.times > 1 ? llvm::formatv(" × {0}", line.times).str() : "") << "</td><td>"
        << llvm::formatv("{0:F2}", line.seconds * 1e3) << "</td></tr>\n";
  out << "</table>\n</body></html>\n";
  auto file = AtomicFile::create(options.report);
  if (!file)
    return file.error();
  if (auto status = file->write(html.data(), html.size()))
    return status;
  return file->commit();
}

} // namespace ph
