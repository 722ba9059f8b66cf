// Sees what a program waits for to be on the disk. A program that links it has its fsync and
// fdatasync told; both still do what they do.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace spirogram::testing {

// The paths of what was synced since the last call, in order, each as it was called then.
std::vector<std::string> TakeSynced();

// Calls it with each path that is about to be synced, from now on. Before threads begin.
void OnSync(std::function<void(const std::string& path)> listener);

}  // namespace spirogram::testing
