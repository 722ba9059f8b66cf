// What a chunk of profile slices comes to, kept beside it: its phases as a chunk of their own, and
// the time of its kernels by name. The charts of a whole profile are drawn from these, so that they
// need not read some hundred slices of a GPU for each phase. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "store/answers.h"
#include "store/profile_codec.h"

namespace spirogram::store {

// A chunk's sums, encoded by profile_codec.h; empty where it has no phases, or no kernels. Nothing
// where a sum would have more than a quarter of the chunk's rows: then the chunk is read instead.
struct ProfileSums {
  std::optional<std::string> phases;
  std::optional<std::string> kernels;
};

// `slices.name` holds name ids. REQUIRES: 0 < size <= kChunkSlicesMax.
ProfileSums EncodeProfileSums(const ProfileSlices& slices);

// Those of the slices that are phases.
ProfileSlices PhasesOf(const ProfileSlices& slices);

// Adds the slices that ran on a GPU. A duration below 0, as files may say it, counts as 0.
void AddKernels(const ProfileSlices& slices, KernelTimes* times);

// kCorruption when `sums` are not those of `slices`.
Status CheckProfileSums(const ProfileSlices& slices, const ProfileSums& sums);

}  // namespace spirogram::store
