#include "runtime/training/plot/TerminalPlot.h"
#include <algorithm>
#include <array>
#include <cmath>

namespace ph::training {
namespace {

constexpr std::array<const char *, 6> colours = {"\x1b[36m", "\x1b[33m", "\x1b[35m",
                                                 "\x1b[32m", "\x1b[31m", "\x1b[34m"};
constexpr const char *plain = "\x1b[0m";

/// Dots, two columns and four rows of them in a character, and which curve was last in each.
class Canvas {
public:
  Canvas(size_t columns, size_t rows)
      : columns(columns), rows(rows), dots(columns * rows), owners(columns * rows, -1) {}

  /// Sets the dots between two points, given as parts of width and height from the lower left corner.
  void line(double x0, double y0, double x1, double y1, int owner) {
    const double width = double(2 * columns - 1), height = double(4 * rows - 1);
    const double steps = std::ceil(std::max({std::abs(x1 - x0) * width, std::abs(y1 - y0) * height, 1.0}));
    for (double i = 0; i <= steps; ++i) {
      const double x = x0 + (x1 - x0) * i / steps, y = y0 + (y1 - y0) * i / steps;
      dot(size_t(std::lround(x * width)), size_t(std::lround((1 - y) * height)), owner);
    }
  }
  uint8_t dotsAt(size_t column, size_t row) const { return dots[row * columns + column]; }
  int ownerAt(size_t column, size_t row) const { return owners[row * columns + column]; }

private:
  void dot(size_t x, size_t y, int owner) {
    // Unicode numbers the dots of braille 1 2 3 7 down the left side and 4 5 6 8 down the right one.
    static constexpr uint8_t bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    const size_t at = y / 4 * columns + x / 2;
    dots[at] |= bits[y % 4][x % 2];
    owners[at] = owner;
  }
  size_t columns, rows;
  std::vector<uint8_t> dots;
  std::vector<int> owners;
};

/// U+2800 + dots in UTF-8.
std::string braille(uint8_t dots) { return {'\xE2', char(0xA0 | dots >> 6), char(0x80 | (dots & 0x3F))}; }

std::string printable(std::string text) {
  std::replace_if(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, '?');
  return text;
}

/// Puts `text` into a line of spaces so that it is centred at `column`, as far as there is room.
void putCentred(std::string &line, const std::string &text, size_t column) {
  const size_t most = line.size() - std::min(line.size(), text.size());
  const size_t begin = std::min(column - std::min(column, text.size() / 2), most);
  for (size_t i = begin > 0 ? begin - 1 : 0; i < std::min(begin + text.size() + 1, line.size()); ++i)
    if (line[i] != ' ')
      return; // another label is there
  line.replace(begin, text.size(), text);
}

} // namespace

std::string drawInTerminal(const std::vector<Curve> &curves, const TerminalPlotSize &size) {
  const PlotRange range = rangeOf(curves);
  const size_t rows = std::max<size_t>(size.rows, 5) - 2;
  const auto levels = ticksBetween(range.bottom, range.top, int(rows) / 3 + 1);
  const double levelStep = levels.size() > 1 ? levels[1] - levels[0] : std::abs(range.top - range.bottom);
  std::vector<std::string> labels(rows);
  size_t margin = 0;
  for (double level : levels) {
    const auto row = size_t(std::lround((range.top - level) / (range.top - range.bottom) * double(rows - 1)));
    labels[std::min(row, rows - 1)] = tickText(level, levelStep);
    margin = std::max(margin, tickText(level, levelStep).size());
  }
  const size_t columns = std::max(std::max<size_t>(size.columns, 20), margin + 12) - margin - 2;

  Canvas canvas(columns, rows);
  for (size_t c = 0; c < curves.size(); ++c) {
    const Curve curve = thinned(curves[c], 2 * columns);
    auto x = [&](size_t i) { return (curve.x[i] - range.left) / (range.right - range.left); };
    auto y = [&](size_t i) { return (curve.y[i] - range.bottom) / (range.top - range.bottom); };
    for (size_t i = 0; i < curve.x.size(); ++i)
      canvas.line(x(i ? i - 1 : 0), y(i ? i - 1 : 0), x(i), y(i), int(c));
  }

  const bool letters = !size.coloured && curves.size() > 1;
  std::string text;
  for (size_t row = 0; row < rows; ++row) {
    text += std::string(margin - labels[row].size(), ' ') + labels[row] + (labels[row].empty() ? " │" : " ┤");
    std::string line;
    int colour = -1;
    for (size_t column = 0; column < columns; ++column) {
      const int owner = canvas.ownerAt(column, row);
      if (owner < 0) {
        line += ' ';
        continue;
      }
      if (size.coloured && owner != colour)
        line += colours[size_t(owner) % colours.size()];
      colour = owner;
      line += letters ? std::string(1, char('a' + owner % 26)) : braille(canvas.dotsAt(column, row));
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + (size.coloured && colour >= 0 ? plain : "") + "\n";
  }
  text += std::string(margin, ' ') + " └";
  for (size_t column = 0; column < columns; ++column)
    text += "─";
  std::string below(margin + 2 + columns, ' ');
  const auto steps = ticksBetween(range.left, range.right, int(columns) / 12 + 1);
  for (double step : steps) {
    const double part = (step - range.left) / (range.right - range.left);
    putCentred(below, tickText(step, steps.size() > 1 ? steps[1] - steps[0] : 1),
               margin + 2 + size_t(std::lround(part * double(columns - 1))));
  }
  below.erase(below.find_last_not_of(' ') + 1);
  text += "\n" + below + "\n";
  for (size_t c = 0; c < curves.size(); ++c) {
    const std::string mark = letters ? std::string(1, char('a' + c % 26)) : "──";
    text += std::string(margin, ' ') + "  " + (size.coloured ? colours[c % colours.size()] : "") + mark +
            (size.coloured ? plain : "") + " " + printable(curves[c].name) + "\n";
  }
  return text;
}

} // namespace ph::training
