#include "store/profile_sums.h"

#include <algorithm>

#include "base/str.h"

namespace spirogram::store {
namespace {

using Kind = ProfileSlices::Kind;

bool IsWorthKeeping(size_t rows, const ProfileSlices& slices) {
  return rows <= slices.size() / 4;
}

}  // namespace

ProfileSums EncodeProfileSums(const ProfileSlices& slices) {
  ProfileSums sums;
  const ProfileSlices phases = PhasesOf(slices);
  if (IsWorthKeeping(phases.size(), slices)) {
    sums.phases = phases.size() == 0 ? "" : EncodeProfileChunk(phases);
  }
  KernelTimes kernels;
  AddKernels(slices, &kernels);
  if (IsWorthKeeping(kernels.size(), slices)) {
    sums.kernels = kernels.empty() ? "" : EncodeKernelTimes(kernels);
  }
  return sums;
}

ProfileSlices PhasesOf(const ProfileSlices& slices) {
  ProfileSlices phases;
  for (size_t i = 0; i < slices.size(); ++i) {
    if (slices.kind[i] == Kind::kPhase) AppendSlice(slices, i, slices.name[i], &phases);
  }
  return phases;
}

void AddKernels(const ProfileSlices& slices, KernelTimes* times) {
  for (size_t i = 0; i < slices.size(); ++i) {
    const Kind kind = slices.kind[i];
    if (kind == Kind::kPhase || kind == Kind::kCall) continue;
    const int64_t duration_ns = std::max<int64_t>(0, slices.duration_ns[i]);
    AddKernelTime({1, static_cast<double>(duration_ns), duration_ns},
                  &(*times)[{slices.name[i], kind}]);
  }
}

Status CheckProfileSums(const ProfileSlices& slices, const ProfileSums& sums) {
  if (sums.phases) {
    ProfileSlices phases;
    if (!sums.phases->empty()) RETURN_IF_ERROR(DecodeProfileChunk(*sums.phases, &phases));
    const ProfileSlices want = PhasesOf(slices);
    if (phases != want) {
      return Corruption(StrCat("its phases: got ", phases.size(), ", which are not the ",
                               want.size(), " of the chunk"));
    }
  }
  if (sums.kernels) {
    KernelTimes kernels;
    if (!sums.kernels->empty()) RETURN_IF_ERROR(DecodeKernelTimes(*sums.kernels, &kernels));
    KernelTimes want;
    AddKernels(slices, &want);
    if (kernels != want) {
      return Corruption(StrCat("its kernel times: got ", kernels.size(),
                               ", which are not those of the chunk's ", want.size()));
    }
  }
  return {};
}

}  // namespace spirogram::store
