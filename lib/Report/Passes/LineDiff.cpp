#include "lib/Report/Passes/LineDiff.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include <algorithm>

using namespace llvm;

namespace ph::report {
namespace {

/// Beyond this many edits the texts have little in common, and a shortest script isn't worth its time.
constexpr int mostEdits = 4000;

bool isNamePart(char c) { return isAlnum(c) || c == '_' || c == '$' || c == '.' || c == '-'; }

/// `line` with each %name replaced by what `name` gives for it.
template <class Name> std::string replaceValues(StringRef line, Name name) {
  std::string result;
  for (size_t i = 0; i < line.size();) {
    if (line[i] != '%') {
      result += line[i++];
      continue;
    }
    size_t end = i + 1;
    while (end < line.size() && isNamePart(line[end]))
      ++end;
    result += name(line.slice(i, end));
    i = end;
  }
  return result;
}

/// What lines are compared by.
std::vector<std::string> makeKeys(ArrayRef<StringRef> lines) {
  std::vector<std::string> keys;
  StringMap<std::string> makers;
  for (StringRef line : lines) {
    std::string shape = replaceValues(line, [](StringRef) { return std::string("%"); });
    auto [results, body] = line.split(" = ");
    bool defines = results.ltrim().starts_with("%") && !body.empty();
    std::string key = replaceValues(defines ? body : line, [&](StringRef value) {
      auto found = makers.find(value);
      return "<" + (found == makers.end() ? std::string() : found->second) + ">";
    });
    if (defines)
      for (StringRef rest = results; !rest.empty();) {
        StringRef one;
        std::tie(one, rest) = rest.split(',');
        makers[one.trim().split(':').first] = shape;
      }
    keys.push_back((defines ? results.take_while([](char c) { return c == ' '; }) : "").str() + key);
  }
  return keys;
}

} // namespace

std::vector<DiffLine> diffLines(StringRef before, StringRef after) {
  SmallVector<StringRef> a, b;
  before.rtrim('\n').split(a, '\n');
  after.rtrim('\n').split(b, '\n');
  std::vector<std::string> x = makeKeys(a), y = makeKeys(b);
  int n = int(a.size()), m = int(b.size()), first = 0;
  while (first < n && first < m && x[first] == y[first])
    ++first;
  int last = 0; // lines at the end that are the same
  while (last < n - first && last < m - first && x[n - 1 - last] == y[m - 1 - last])
    ++last;
  int rows = n - first - last, columns = m - first - last, most = std::min(rows + columns, mostEdits);

  // furthest[d][k + d]: how far a path of d edits gets on diagonal k.
  std::vector<std::vector<int>> furthest;
  int edits = -1;
  for (int d = 0; d <= most && edits < 0; ++d) {
    std::vector<int> now(2 * d + 1);
    for (int k = -d; k <= d; k += 2) {
      auto before = [&](int diagonal) {
        int at = diagonal + d - 1;
        return at >= 0 && at < 2 * d - 1 ? furthest.back()[at] : -1;
      };
      int row = d == 0 ? 0 : (k == -d || (k != d && before(k - 1) < before(k + 1))) ? before(k + 1) : before(k - 1) + 1;
      int column = row - k;
      while (row < rows && column >= 0 && column < columns && x[first + row] == y[first + column])
        ++row, ++column;
      now[k + d] = row;
      if (row >= rows && column >= columns) {
        edits = d;
        break;
      }
    }
    furthest.push_back(std::move(now));
  }

  std::vector<DiffLine> middle;
  int row = rows, column = columns;
  if (edits < 0) {
    // All of one, then all of the other.
    for (; column > 0; --column)
      middle.push_back({DiffLine::Added, b[first + column - 1].str()});
    for (; row > 0; --row)
      middle.push_back({DiffLine::Removed, a[first + row - 1].str()});
  }
  for (int d = edits; d >= 0; --d) {
    int k = row - column, from = 0, fromColumn = 0;
    if (d > 0) {
      auto before = [&](int diagonal) {
        int at = diagonal + d - 1;
        return at >= 0 && at < 2 * d - 1 ? furthest[d - 1][at] : -1;
      };
      bool down = k == -d || (k != d && before(k - 1) < before(k + 1));
      from = down ? before(k + 1) : before(k - 1);
      fromColumn = from - (down ? k + 1 : k - 1);
      int start = down ? from : from + 1;
      while (row > start)
        middle.push_back({DiffLine::Same, b[first + --column].str()}), --row;
      middle.push_back(down ? DiffLine{DiffLine::Added, b[first + fromColumn].str()}
                            : DiffLine{DiffLine::Removed, a[first + from].str()});
      row = from;
      column = fromColumn;
    } else {
      while (row > 0)
        middle.push_back({DiffLine::Same, b[first + --column].str()}), --row;
    }
  }
  std::vector<DiffLine> result;
  for (int i = 0; i < first; ++i)
    result.push_back({DiffLine::Same, b[i].str()});
  result.insert(result.end(), middle.rbegin(), middle.rend());
  for (int i = m - last; i < m; ++i)
    result.push_back({DiffLine::Same, b[i].str()});
  return result;
}

} // namespace ph::report
