// Runs the threads of a CUDA block one after another on the CPU. A thread that waits, for its block
// or its warp, gives way to the next; when all that it waits for have come, it goes on. What a GPU
// would do wrongly in silence ends the test here: waiting for a thread that has ended, or a barrier
// that not all reach.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace spirogram::cuda_on_cpu {

inline constexpr int kWarpLanes = 32;
inline constexpr int kBlockThreadsMax = 1024;

// In which order blocks, warps and the lanes of a warp take their turns; each warp goes as far as
// it can before the next. A GPU promises no order: an answer that depends on it is a race.
enum class Order { kForward, kBackward, kShuffled };

// Of all that runs from here on. Shuffled: anew after each barrier.
void SetOrder(Order order);
// 0 to `count` - 1 in that order.
const std::vector<int>& InOrder(int count, std::vector<int>* order);

// body(): for each thread 0 to `threads` - 1, with running_thread set. REQUIRES: not nested.
void RunBlock(int threads, const std::function<void()>& body);

inline int running_thread = 0;  // whose turn it is
// Until all threads of the block are here.
void WaitForBlock();
// Until all lanes of `mask` of the warp are here.
void WaitForWarp(uint32_t mask);
// What the thread that runs shows the others of its warp, 8 bytes, when they next meet; and what a
// lane showed when they last met.
uint64_t* ToShow();
const uint64_t* ShownBy(int lane);
// Ends the test.
[[noreturn]] void Fail(const char* what);

}  // namespace spirogram::cuda_on_cpu
