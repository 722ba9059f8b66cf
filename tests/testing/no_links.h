// File systems that know no hard links. A program that links this has its link asked here.
#pragma once

#include <atomic>

namespace spirogram::testing {

// Of any thread: while true, link fails as it does on FAT; else it does what it does.
extern std::atomic<bool> has_no_links;

}  // namespace spirogram::testing
