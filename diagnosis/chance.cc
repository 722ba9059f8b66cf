#include "diagnosis/chance.h"

#include <cmath>

namespace spirogram::diagnosis {
namespace {

constexpr int kClassesMax = 12;
constexpr double kNearClasses = 0.005;

}  // namespace

int ClassesOf(double loss) {
  for (int classes = 2; classes <= kClassesMax; ++classes) {
    const double chance = std::log(classes);
    if (std::abs(loss - chance) <= kNearClasses * chance) return classes;
  }
  return 0;
}

double MostUntrained(double loss) {
  return std::exp(-loss / 2);
}

}  // namespace spirogram::diagnosis
