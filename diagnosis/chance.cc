#include "diagnosis/chance.h"

#include <algorithm>
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

double HonestLoss(double accuracy, double classes) {
  const double wrong = std::clamp(1 - accuracy, 1e-9, 1 - 1e-9);
  return -(1 - wrong) * std::log(1 - wrong) - wrong * std::log(wrong / (classes - 1));
}

}  // namespace spirogram::diagnosis
