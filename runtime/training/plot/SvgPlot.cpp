#include "runtime/training/plot/SvgPlot.h"
#include <array>
#include <cstdarg>
#include <cstdio>

namespace ph::training {
namespace {

constexpr double width = 800, height = 480, left = 70, right = 20, top = 20, bottom = 50;
// Of Okabe and Ito (2008), which people see apart who see colours differently.
constexpr std::array<const char *, 7> colours = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                 "#e69f00", "#56b4e9", "#000000"};

std::string escaped(const std::string &text) {
  std::string result;
  for (unsigned char c : text) {
    if (c == '<' || c == '>' || c == '&' || c == '"')
      result += "&#" + std::to_string(int(c)) + ";";
    else
      result += c < 0x20 || c == 0x7f ? '?' : char(c);
  }
  return result;
}

__attribute__((format(printf, 1, 2))) std::string formatted(const char *format, ...) {
  char text[400];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return text;
}

} // namespace

std::string drawAsSvg(const std::vector<Curve> &curves) {
  const PlotRange range = rangeOf(curves);
  auto x = [&](double value) {
    return left + (value - range.left) / (range.right - range.left) * (width - left - right);
  };
  auto y = [&](double value) {
    return height - bottom - (value - range.bottom) / (range.top - range.bottom) * (height - top - bottom);
  };
  std::string svg =
      formatted("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" viewBox=\"0 0 %g %g\" "
                "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" "
                "fill=\"white\"/>\n<g stroke=\"#ddd\" fill=\"#333\">\n",
                width, height, width, height);
  const auto levels = ticksBetween(range.bottom, range.top, 8), steps = ticksBetween(range.left, range.right, 9);
  auto stepOf = [](const std::vector<double> &ticks) { return ticks.size() > 1 ? ticks[1] - ticks[0] : 1; };
  for (double level : levels)
    svg += formatted("<line x1=\"%g\" y1=\"%.2f\" x2=\"%g\" y2=\"%.2f\"/><text x=\"%g\" y=\"%.2f\" text-anchor=\"end\" "
                     "stroke=\"none\">%s</text>\n",
                     left, y(level), width - right, y(level), left - 8, y(level) + 4,
                     tickText(level, stepOf(levels)).c_str());
  for (double step : steps)
    svg += formatted("<line x1=\"%.2f\" y1=\"%g\" x2=\"%.2f\" y2=\"%g\"/><text x=\"%.2f\" y=\"%g\" "
                     "text-anchor=\"middle\" stroke=\"none\">%s</text>\n",
                     x(step), top, x(step), height - bottom, x(step), height - bottom + 18,
                     tickText(step, stepOf(steps)).c_str());
  svg +=
      formatted("<text x=\"%g\" y=\"%g\" text-anchor=\"middle\" stroke=\"none\">step</text>\n"
                "<text transform=\"translate(18 %g) rotate(-90)\" text-anchor=\"middle\" stroke=\"none\">loss</text>\n"
                "</g>\n",
                (left + width - right) / 2, height - 12, (top + height - bottom) / 2);
  for (size_t c = 0; c < curves.size(); ++c) {
    const Curve curve = thinned(curves[c], 2000);
    const char *colour = colours[c % colours.size()];
    svg += formatted("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" stroke-linejoin=\"round\"%s points=\"",
                     colour, curve.evaluation ? " stroke-dasharray=\"6 3\"" : "");
    for (size_t i = 0; i < curve.x.size(); ++i)
      svg += formatted("%s%.2f,%.2f", i ? " " : "", x(curve.x[i]), y(curve.y[i]));
    svg += "\"/>\n";
    for (size_t i = 0; curve.evaluation && i < curve.x.size(); ++i)
      svg += formatted("<circle cx=\"%.2f\" cy=\"%.2f\" r=\"3\" fill=\"%s\"/>\n", x(curve.x[i]), y(curve.y[i]), colour);
    const double line = top + 16 + 18 * double(c);
    svg += formatted("<line x1=\"%g\" y1=\"%g\" x2=\"%g\" y2=\"%g\" stroke=\"%s\" stroke-width=\"2\"%s/>",
                     width - right - 230, line - 4, width - right - 205, line - 4, colour,
                     curve.evaluation ? " stroke-dasharray=\"6 3\"" : "");
    svg += formatted("<text x=\"%g\" y=\"%g\" fill=\"#333\">", width - right - 198, line) + escaped(curve.name) +
           "</text>\n";
  }
  return svg + "</svg>\n";
}

} // namespace ph::training
