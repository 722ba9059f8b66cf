// How work shares the cores with other programs.
#pragma once

namespace spirogram::projector {

enum class Courtesy {
  kNone,
  kYield,      // works at the lowest priority
  kStepAside,  // and sleeps while others want the cores, so that they hardly notice (spare_time.h)
};

}  // namespace spirogram::projector
