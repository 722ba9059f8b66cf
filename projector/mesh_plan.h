// Which grid covers a map: the same rule for CPU and GPU.
#pragma once

#include <cstdint>

namespace spirogram::projector {

// The smallest number from `size` up that is 16 times a product of 2, 3 and 5: what Fourier
// transforms are quick at.
int64_t FriendlySize(int64_t size);

// The most nodes along an axis: on a CPU 150 MB for the grid and 70 MB for the kernel in either
// case.
constexpr int64_t MeshSizeMax(int dims) {
  return dims == 2 ? 4096 : 256;
}

// How a map of some span is covered.
struct MeshPlan {
  int64_t size = 0;    // nodes along an axis
  double spacing = 0;  // between nodes
};

// Nodes at most `spacing` apart, halved until 56 cells cover the span (or it is below 1/16); where
// the grid would grow beyond MeshSizeMax, the spacing is raised by a quarter until it does not.
MeshPlan PlanMesh(double span, int dims, double spacing);

}  // namespace spirogram::projector
