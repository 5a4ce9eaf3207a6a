#include "runtime/training/plot/SvgPlot.h"
#include "runtime/training/plot/TerminalPlot.h"
#include <cmath>
#include <gtest/gtest.h>
#include <sstream>

using namespace ph::training;

static Curve line(const std::string &name, std::vector<double> y) {
  Curve curve{name, false, {}, std::move(y)};
  for (size_t i = 0; i < curve.y.size(); ++i)
    curve.x.push_back(double(i));
  return curve;
}

TEST(Curve, ComesOutOfALog) {
  std::vector<LogLine> log(3);
  for (int i = 0; i < 3; ++i)
    log[size_t(i)].step = i + 1, log[size_t(i)].loss = 3 - i;
  log[1].loss = NAN;
  log[2].evalLoss = 1.5;
  auto curves = curvesOf(log, "a");
  ASSERT_EQ(curves.size(), 2u);
  EXPECT_EQ(curves[0].x, (std::vector<double>{1, 3}));
  EXPECT_EQ(curves[1].y, (std::vector<double>{1.5}));
  EXPECT_TRUE(curvesOf({}, "a").empty());
}

TEST(Curve, IsThinnedToMeans) {
  const Curve curve = thinned(line("a", {1, 3, 5, 7, 8, 10}), 3);
  EXPECT_EQ(curve.y, (std::vector<double>{2, 6, 9}));
  EXPECT_EQ(curve.x, (std::vector<double>{0.5, 2.5, 4.5}));
  EXPECT_EQ(thinned(curve, 3).y, curve.y);
}

TEST(Ticks, AreRoundNumbers) {
  EXPECT_EQ(ticksBetween(0, 10, 5), (std::vector<double>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(ticksBetween(1.2, 3.4, 5).front(), 1.5);
  EXPECT_EQ(ticksBetween(0.13, 0.14, 1).size(), 1u);
  for (double low : {-3.0, 1e-7, 12345.6})
    for (double length : {1e-6, 0.3, 7.0, 1e6})
      for (double tick : ticksBetween(low, low + length, 6)) {
        EXPECT_GE(tick, low - length * 1e-6);
        EXPECT_LE(tick, low + length * 1.000001);
      }
  EXPECT_EQ(tickText(1.5, 0.5), "1.5");
  EXPECT_EQ(tickText(0.25, 0.05), "0.25");
  EXPECT_EQ(tickText(20000, 10000), "20000");
}

/// The dots of a plot, [row][column], out of its characters of braille.
static std::vector<std::vector<bool>> dotsOf(const std::string &plot, size_t rows) {
  std::vector<std::vector<bool>> dots;
  std::istringstream lines(plot);
  std::string line;
  for (size_t row = 0; row < rows && std::getline(lines, line); ++row) {
    dots.resize(dots.size() + 4, std::vector<bool>(200));
    size_t column = 0;
    for (size_t i = std::min(line.find("│"), line.find("┤")) + 3; i < line.size(); ++column) {
      if (line[i] == ' ') {
        ++i;
        continue;
      }
      // U+2800 and eight bits: dots 1 2 3 and 4 5 6 from the top down, 7 and 8 below them.
      const unsigned bits = (unsigned(line[i + 1]) & 3) << 6 | (unsigned(line[i + 2]) & 0x3F);
      for (size_t y = 0; y < 3; ++y) {
        dots[4 * row + y][2 * column] = bits >> y & 1;
        dots[4 * row + y][2 * column + 1] = bits >> (y + 3) & 1;
      }
      dots[4 * row + 3][2 * column] = bits >> 6 & 1;
      dots[4 * row + 3][2 * column + 1] = bits >> 7 & 1;
      i += 3;
    }
  }
  return dots;
}

TEST(TerminalPlot, DrawsAFallingLine) {
  const std::string text = drawInTerminal({line("run", {4, 3, 2, 1, 0})}, {.columns = 24, .rows = 7});
  EXPECT_TRUE(text.starts_with("4 ┤"));
  EXPECT_NE(text.find("\n2 ┤"), std::string::npos);
  EXPECT_NE(text.find("\n0 ┤"), std::string::npos);
  EXPECT_NE(text.find("\n   0         2         4\n   ── run\n"), std::string::npos) << text;
  // 21 characters of the line's 24 are left of the axis; five rows.
  const auto dots = dotsOf(text, 5);
  ASSERT_EQ(dots.size(), 20u);
  for (size_t x = 0; x < 42; ++x)
    for (size_t y = 0; y < 20; ++y) {
      const double distance = std::abs(double(y) - double(x) / 41 * 19);
      EXPECT_TRUE(dots[y][x] ? distance < 1 : distance > 0.49) << x << " " << y << "\n" << text;
    }
}

TEST(TerminalPlot, TellsCurvesApart) {
  const std::vector<Curve> curves = {line("up", {0, 1}), line("down\x1b[31m", {1, 0})};
  const std::string plain = drawInTerminal(curves, {.columns = 30, .rows = 8});
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_NE(plain.find("a up\n"), std::string::npos);
  EXPECT_NE(plain.find("b down?[31m\n"), std::string::npos);
  EXPECT_NE(plain.find("1.0 ┤b"), std::string::npos) << plain;
  EXPECT_NE(plain.find("0.0 ┤a"), std::string::npos) << plain;
  const std::string coloured = drawInTerminal(curves, {.columns = 30, .rows = 8, .coloured = true});
  EXPECT_NE(coloured.find("\x1b[36m"), std::string::npos);
  EXPECT_NE(coloured.find("\x1b[33m"), std::string::npos);
  EXPECT_NE(coloured.find("⠉"), std::string::npos);
}

TEST(TerminalPlot, TakesAnything) {
  EXPECT_NE(drawInTerminal({line("one", {2})}, {.columns = 1, .rows = 1}), "");
  EXPECT_NE(drawInTerminal({line("flat", {2, 2, 2})}, {}), "");
  EXPECT_NE(drawInTerminal({line("wide", {9e299, -9e299})}, {}), "");
  Curve late = line("late", {1, 2, 3});
  late.x = {9e18, 9e18 + 2048, 9e18 + 4096};
  EXPECT_NE(drawInTerminal({late}, {}), "");
  EXPECT_NE(drawInTerminal({line("tiny", {1e-300, 2e-300})}, {}), "");
  EXPECT_NE(drawInTerminal({}, {}), "");
}

TEST(SvgPlot, HasALineForEachCurve) {
  Curve evaluation = line("a (eval)", {2, 1});
  evaluation.evaluation = true;
  const std::string svg = drawAsSvg({line("a <b> & \"c\"", {3, 1}), evaluation});
  EXPECT_TRUE(svg.starts_with("<svg xmlns="));
  EXPECT_TRUE(svg.ends_with("</svg>\n"));
  EXPECT_NE(svg.find("points=\"70.00,20.00 780.00,430.00\""), std::string::npos) << svg;
  EXPECT_NE(svg.find(">a &#60;b&#62; &#38; &#34;c&#34;</text>"), std::string::npos);
  EXPECT_NE(svg.find("stroke-dasharray"), std::string::npos);
  EXPECT_NE(svg.find("<circle"), std::string::npos);
  std::vector<double> many(100000, 1);
  EXPECT_LT(drawAsSvg({line("long", many)}).size(), 60000u);
}
