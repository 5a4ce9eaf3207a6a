// Numbers as somebody wrote them, before they were rounded and divided.
#pragma once

namespace ph {

/// What `value`, known to a relative `precision`, was most likely written as: a whole number or a decimal of at most
/// four digits, 1/n, √n or 1/√n of a whole number n; otherwise the shortest decimal that is the same f32, where that is
/// within the precision, or `value` itself.
double usualNumber(double value, double precision = 1.2e-7);

} // namespace ph
