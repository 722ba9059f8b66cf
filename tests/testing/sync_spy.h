// Sees what a program waits for to be on the disk. A program that links it has its fsync and
// fdatasync told; both still do what they do.
#pragma once

#include <string>
#include <vector>

namespace spirogram::testing {

// The paths of what was synced since the last call, in order, each as it was called then.
std::vector<std::string> TakeSynced();

}  // namespace spirogram::testing
