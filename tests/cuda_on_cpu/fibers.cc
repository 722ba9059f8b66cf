#include "fibers.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <random>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#endif

// Saves the registers that a call must keep on the stack, and goes on where another stack left off.
extern "C" void SpirogramSwitchStack(void** from, void* to);
asm(R"(
.text
.globl SpirogramSwitchStack
.type SpirogramSwitchStack, @function
SpirogramSwitchStack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
)");

namespace spirogram::cuda_on_cpu {
namespace {

constexpr size_t kStackBytes = 256 << 10;

enum class Wait { kUnstarted, kNone, kBlock, kWarp, kEnded };

// One stack runs threads until one of them waits.
struct Stack {
  std::unique_ptr<char[]> memory;
  void* top = nullptr;
  // What AddressSanitizer wants to know of it.
  const void* bottom = nullptr;
  size_t bytes = 0;
  void* frames = nullptr;
};

struct Thread {
  Wait wait = Wait::kUnstarted;
  uint32_t mask = 0;
  Stack* stack = nullptr;  // while it waits
};

struct Block {
  const std::function<void()>* body = nullptr;
  std::vector<Thread> threads;
  std::vector<int> starting;  // of the warp whose turn it is, the next one last
  Stack scheduler;
  Stack* stack = nullptr;  // that runs
  std::vector<std::unique_ptr<Stack>> all;
  std::vector<Stack*> idle;
  uint64_t to_show[kBlockThreadsMax] = {};
  uint64_t shown[kBlockThreadsMax] = {};
  Order order = Order::kForward;
  std::mt19937 random;
};

Block& TheBlock() {
  static Block block;
  return block;
}

Thread& ThreadAt(int index) {
  return TheBlock().threads[static_cast<size_t>(index)];
}

// Where a stack begins or goes on, and which one it came from.
void Arrive([[maybe_unused]] void* frames, [[maybe_unused]] Stack* from) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_finish_switch_fiber(frames, &from->bottom, &from->bytes);
#endif
}

void Switch(Stack* from, Stack* to) {
#ifdef __SANITIZE_ADDRESS__
  __sanitizer_start_switch_fiber(&from->frames, to->bottom, to->bytes);
#endif
  SpirogramSwitchStack(&from->top, to->top);
  Block& block = TheBlock();
  Arrive(from->frames, from == &block.scheduler ? block.stack : &block.scheduler);
}

[[noreturn]] void RunThreads() {
  Block& block = TheBlock();
  Arrive(nullptr, &block.scheduler);
  for (;;) {
    while (!block.starting.empty()) {
      const int thread = block.starting.back();
      block.starting.pop_back();
      running_thread = thread;
      (*block.body)();
      ThreadAt(thread).wait = Wait::kEnded;
    }
    block.idle.push_back(block.stack);
    Switch(block.stack, &block.scheduler);
  }
}

Stack* IdleStack() {
  Block& block = TheBlock();
  if (block.idle.empty()) {
    auto stack = std::make_unique<Stack>();
    stack->memory = std::make_unique_for_overwrite<char[]>(kStackBytes);
    stack->bottom = stack->memory.get();
    stack->bytes = kStackBytes;
    auto* words = reinterpret_cast<void**>(stack->memory.get() + kStackBytes);
    words[-1] = nullptr;  // RunThreads starts as if it were called: 8 off a multiple of 16
    words[-2] = reinterpret_cast<void*>(&RunThreads);
    for (int word = 3; word <= 8; ++word) words[-word] = nullptr;
    stack->top = words - 8;
    block.idle.push_back(stack.get());
    block.all.push_back(std::move(stack));
  }
  Stack* const stack = block.idle.back();
  block.idle.pop_back();
  return stack;
}

void Resume(Stack* stack) {
  Block& block = TheBlock();
  block.stack = stack;
  Switch(&block.scheduler, stack);
}

void WaitAs(Wait wait, uint32_t mask) {
  Block& block = TheBlock();
  const int self = running_thread;
  Stack* const stack = block.stack;
  ThreadAt(self) = {wait, mask, stack};
  Switch(stack, &block.scheduler);
  running_thread = self;
}

// Lets lanes go on that have all come; whether there were any.
bool ReleaseWarp(int first, int lanes) {
  bool is_any = false;
  for (int lane = 0; lane < lanes; ++lane) {
    const Thread& thread = ThreadAt(first + lane);
    if (thread.wait != Wait::kWarp) continue;
    const uint32_t mask = thread.mask;
    bool is_whole = true;
    for (int other = 0; other < kWarpLanes; ++other) {
      if ((mask >> other & 1) == 0) continue;
      if (other >= lanes) Fail("waits for a lane that there is not");
      const Thread& peer = ThreadAt(first + other);
      if (peer.wait == Wait::kEnded) Fail("waits for a lane that has ended");
      is_whole = is_whole && peer.wait == Wait::kWarp && peer.mask == mask;
    }
    if (!is_whole) continue;
    for (int other = 0; other < lanes; ++other) {
      if ((mask >> other & 1) == 0) continue;
      const int at = first + other;
      ThreadAt(at).wait = Wait::kNone;
      TheBlock().shown[at] = TheBlock().to_show[at];
    }
    is_any = true;
  }
  return is_any;
}

// Until all its lanes have ended or wait for others than these.
void RunWarp(int first, int lanes) {
  Block& block = TheBlock();
  std::vector<int> order;
  do {
    InOrder(lanes, &order);
    for (const int lane : order) {
      if (ThreadAt(first + lane).wait == Wait::kUnstarted) block.starting.push_back(first + lane);
    }
    std::reverse(block.starting.begin(), block.starting.end());
    while (!block.starting.empty()) Resume(IdleStack());
    for (const int lane : order) {
      Thread& thread = ThreadAt(first + lane);
      if (thread.wait != Wait::kNone) continue;
      running_thread = first + lane;
      Resume(thread.stack);
    }
  } while (ReleaseWarp(first, lanes));
}

}  // namespace

void SetOrder(Order order) {
  TheBlock().order = order;
  TheBlock().random.seed(1);
}

const std::vector<int>& InOrder(int count, std::vector<int>* order) {
  order->resize(static_cast<size_t>(count));
  std::iota(order->begin(), order->end(), 0);
  Block& block = TheBlock();
  if (block.order == Order::kBackward) std::reverse(order->begin(), order->end());
  if (block.order == Order::kShuffled) std::shuffle(order->begin(), order->end(), block.random);
  return *order;
}

void RunBlock(int threads, const std::function<void()>& body) {
  Block& block = TheBlock();
  block.body = &body;
  block.threads.assign(static_cast<size_t>(threads), {});
  std::vector<int> warps;
  for (;;) {
    for (const int warp : InOrder((threads + kWarpLanes - 1) / kWarpLanes, &warps)) {
      const int first = warp * kWarpLanes;
      RunWarp(first, std::min(kWarpLanes, threads - first));
    }
    size_t ended = 0;
    for (Thread& thread : block.threads) {
      if (thread.wait == Wait::kWarp) Fail("a warp's barrier that not all reach");
      if (thread.wait == Wait::kEnded) ++ended;
      if (thread.wait == Wait::kBlock) thread.wait = Wait::kNone;
    }
    if (ended == block.threads.size()) return;
    if (ended > 0) Fail("a block's barrier that not all reach");
  }
}

void WaitForBlock() {
  WaitAs(Wait::kBlock, 0);
}

void WaitForWarp(uint32_t mask) {
  if ((mask >> (running_thread % kWarpLanes) & 1) == 0) Fail("waits with others, not itself");
  WaitAs(Wait::kWarp, mask);
}

uint64_t* ToShow() {
  return &TheBlock().to_show[running_thread];
}

const uint64_t* ShownBy(int lane) {
  return &TheBlock().shown[running_thread / kWarpLanes * kWarpLanes + lane];
}

void Fail(const char* what) {
  std::fprintf(stderr, "CUDA on the CPU: thread %d: %s\n", running_thread, what);
  std::abort();
}

}  // namespace spirogram::cuda_on_cpu
