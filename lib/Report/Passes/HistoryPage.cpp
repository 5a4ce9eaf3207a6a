// The page of a history: a line for each pass, which opens to its remarks and to what it changed.
#include "lib/Report/Page/Page.h"
#include "lib/Report/Passes/LineDiff.h"
#include "powerhouse/Report/History.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace ph::report {
namespace {

/// Lines around a change that are shown.
constexpr size_t contextLines = 3;

struct Changes {
  std::vector<DiffLine> lines;
  size_t added = 0, removed = 0;

  explicit Changes(const PassRun &run) {
    if (run.before == run.after)
      return;
    lines = diffLines(run.before, run.after);
    for (const DiffLine &line : lines) {
      added += line.kind == DiffLine::Added;
      removed += line.kind == DiffLine::Removed;
    }
  }
  bool none() const { return !added && !removed; }
};

void writeLine(raw_ostream &out, const DiffLine &line) {
  static constexpr const char *styles[] = {"", " class=\"removed\"", " class=\"added\""};
  static constexpr char signs[] = {' ', '-', '+'};
  out << "<div" << styles[line.kind] << ">" << signs[line.kind] << " " << escape(line.text) << "</div>\n";
}

void writeDiff(raw_ostream &out, ArrayRef<DiffLine> lines) {
  out << "<div class=\"diff\">\n";
  for (size_t i = 0; i < lines.size();) {
    size_t end = i;
    while (end < lines.size() && lines[end].kind == DiffLine::Same)
      ++end;
    if (end == i) {
      writeLine(out, lines[i++]);
      continue;
    }
    // A stretch of equal lines: its ends are context, unless they are the ends of all.
    size_t head = i == 0 ? 0 : contextLines, tail = end == lines.size() ? 0 : contextLines;
    if (end - i <= head + tail + 1) {
      for (; i < end; ++i)
        writeLine(out, lines[i]);
      continue;
    }
    for (size_t k = 0; k < head; ++k)
      writeLine(out, lines[i + k]);
    out << "<details><summary>" << end - i - head - tail << " lines without a change</summary>\n";
    for (size_t k = i + head; k < end - tail; ++k)
      writeLine(out, lines[k]);
    out << "</details>\n";
    for (size_t k = end - tail; k < end; ++k)
      writeLine(out, lines[k]);
    i = end;
  }
  out << "</div>\n";
}

void writeRemarks(raw_ostream &out, ArrayRef<PassRemark> remarks) {
  if (remarks.empty())
    return;
  out << "<ul class=\"remarks\">\n";
  for (const PassRemark &remark : remarks)
    out << "<li><span class=\"kind " << escape(remark.kind) << "\">" << escape(remark.kind) << "</span> <code>"
        << escape(remark.op) << "</code> " << escape(remark.message) << " <span class=\"number\">"
        << escape(remark.where) << "</span></li>\n";
  out << "</ul>\n";
}

void writeRun(raw_ostream &out, size_t number, const PassRun &run, const Changes &changes, double slowest) {
  bool same = changes.none() && run.remarks.empty() && !run.failed;
  out << "<details class=\"pass" << (same ? " same" : "") << (run.failed ? " failed" : "")
      << "\"><summary><span class=\"number\">" << number << "</span><code>" << escape(run.pass)
      << "</code><span class=\"number\">" << escape(run.root) << "</span><span class=\"time\">"
      << llvm::formatv("{0:F2} ms", run.seconds * 1e3)
      << llvm::formatv("<i style=\"width:{0:F1}%\"></i></span>", slowest > 0 ? run.seconds / slowest * 100 : 0);
  if (changes.none())
    out << "<span>" << (run.failed ? "failed" : "no change") << "</span>";
  else
    out << "<span><span class=\"plus\">+" << changes.added << "</span> <span class=\"minus\">−" << changes.removed
        << "</span></span>";
  out << "<span>" << run.opsAfter << " ops";
  if (run.opsAfter != run.opsBefore)
    out << llvm::formatv(" ({0}{1})", run.opsAfter > run.opsBefore ? "+" : "−",
                         run.opsAfter > run.opsBefore ? run.opsAfter - run.opsBefore : run.opsBefore - run.opsAfter);
  out << "</span></summary>\n<div class=\"body\">\n";
  writeRemarks(out, run.remarks);
  if (!changes.none())
    writeDiff(out, changes.lines);
  else if (run.remarks.empty())
    out << "<p class=\"hint\">" << (run.failed ? "The pass failed; what it left is not shown." : "Nothing changed.")
        << "</p>\n";
  out << "</div></details>\n";
}

void tile(raw_ostream &out, const Twine &value, StringRef what) {
  out << "<div class=\"tile\"><b>" << escape(value.str()) << "</b><span>" << what << "</span></div>\n";
}

} // namespace

void writeHistory(const PassHistory &history, StringRef title, raw_ostream &out) {
  double seconds = 0, slowest = 0;
  size_t changed = 0, remarks = 0;
  std::vector<Changes> changes;
  for (const PassRun &run : history.runs()) {
    seconds += run.seconds;
    slowest = std::max(slowest, run.seconds);
    remarks += run.remarks.size();
    changes.emplace_back(run);
    changed += !changes.back().none();
  }
  beginPage(out, title, "what each pass did; the numbers of SSA values don't count as a change");
  out << "<div class=\"tiles\">\n";
  tile(out, Twine(history.runs().size()), "runs of passes");
  tile(out, Twine(changed), "changed something");
  tile(out, history.hasRemarks() ? std::to_string(remarks) : std::string("–"),
       history.hasRemarks() ? "remarks" : "remarks: they go elsewhere");
  tile(out, llvm::formatv("{0:F2} ms", seconds * 1e3).str(), "in passes");
  out << "</div>\n<p class=\"tools\"><button id=\"open\" style=\"width:auto\">Open all</button><button id=\"close\" "
         "style=\"width:auto\">Close all</button><label><input id=\"changes\" type=\"checkbox\"> only what changed or "
         "remarked something</label></p>\n";
  for (size_t i = 0; i < history.runs().size(); ++i)
    writeRun(out, i + 1, history.runs()[i], changes[i], slowest);
  endPage(out, "passes.js");
}

} // namespace ph::report
