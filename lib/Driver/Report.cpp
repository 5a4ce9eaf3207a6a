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
  row(out, "packed weights", megabytes(record.weightBytes));
  row(out, "code, " + llvm::join(record.levels, " + "), llvm::formatv("{0:F1} kB", record.codeBytes / 1e3).str());
  out << "</table>\n<h2>Memory plan</h2>\n<table>\n";
  row(out, "activations, for each row of a step", std::to_string(record.arenaPerRow) + " bytes");
  row(out, "activations, step of 256 rows", megabytes(record.arenaPerRow * 256));
  row(out,
      "KV cache (" +
          (options.cacheType.empty() ? std::string(options.activations == "int8" ? "f16" : "f32") : options.cacheType) +
          "), for each position",
      std::to_string(record.cachePerPosition) + " bytes");
  row(out, "KV cache, 2048 positions", megabytes(record.cachePerPosition * 2048));
  out << "</table>\n<h2>Cost of a token</h2>\n<table>\n";
  row(out, "FLOP in matrix products", llvm::formatv("{0:F1} MFLOP", record.flopPerToken / 1e6).str());
  row(out, "bytes of weights read", megabytes(record.weightBytesPerToken));
  out << "</table>\n<h2>Stages and passes</h2>\n<table>\n<tr><th>what</th><th>ms</th></tr>\n";
  for (const CompileStage &stage : record.stages)
    out << "<tr" << (stage.isPass ? " class=\"pass\"" : "") << "><td>" << escape(stage.name) << "</td><td>"
        << llvm::formatv("{0:F2}", stage.seconds * 1e3) << "</td></tr>\n";
  out << "</table>\n</body></html>\n";
  auto file = AtomicFile::create(options.report);
  if (!file)
    return file.error();
  if (auto status = file->write(html.data(), html.size()))
    return status;
  return file->commit();
}

} // namespace ph
