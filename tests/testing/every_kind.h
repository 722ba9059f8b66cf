// An event file with every kind of value in both styles, small: what damage and hostile input are
// tried on.
#pragma once

#include "tests/testing/event_builder.h"

namespace spirogram::testing {

EventBuilder EveryKind();

}  // namespace spirogram::testing
