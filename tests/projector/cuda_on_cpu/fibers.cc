#include "fibers.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

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

constexpr size_t kStackBytes = 128 << 10;

enum class Wait { kNone, kBlock, kWarp, kEnded };

// One stack runs threads until one of them waits.
struct Stack {
  std::unique_ptr<char[]> memory;
  void* top = nullptr;
};

struct Thread {
  Wait wait = Wait::kNone;
  uint32_t mask = 0;
  Stack* stack = nullptr;  // while it waits
};

struct Block {
  const std::function<void()>* body = nullptr;
  std::vector<Thread> threads;
  int started = 0;
  int running = 0;  // the thread that runs
  void* scheduler = nullptr;
  Stack* stack = nullptr;  // that runs
  std::vector<std::unique_ptr<Stack>> all;
  std::vector<Stack*> idle;
  uint64_t slots[kBlockThreadsMax] = {};
};

Block& TheBlock() {
  static Block block;
  return block;
}

[[noreturn]] void Fail(const char* what) {
  std::fprintf(stderr, "CUDA on the CPU: thread %d: %s\n", TheBlock().running, what);
  std::abort();
}

[[noreturn]] void RunThreads() {
  Block& block = TheBlock();
  for (;;) {
    while (block.started < static_cast<int>(block.threads.size())) {
      const int thread = block.started++;
      block.running = thread;
      (*block.body)();
      block.threads[static_cast<size_t>(thread)].wait = Wait::kEnded;
    }
    block.idle.push_back(block.stack);
    SpirogramSwitchStack(&block.stack->top, block.scheduler);
  }
}

Stack* IdleStack() {
  Block& block = TheBlock();
  if (block.idle.empty()) {
    auto stack = std::make_unique<Stack>();
    stack->memory = std::make_unique<char[]>(kStackBytes);
    auto end = reinterpret_cast<uintptr_t>(stack->memory.get() + kStackBytes) & ~uintptr_t{15};
    auto* words = reinterpret_cast<void**>(end);
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
  SpirogramSwitchStack(&block.scheduler, stack->top);
}

void WaitAs(Wait wait, uint32_t mask) {
  Block& block = TheBlock();
  const int self = block.running;
  Thread& thread = block.threads[static_cast<size_t>(self)];
  thread.wait = wait;
  thread.mask = mask;
  thread.stack = block.stack;
  SpirogramSwitchStack(&thread.stack->top, block.scheduler);
  block.running = self;
}

// Releases the warps that are whole; whether there was one.
bool ReleaseWarps() {
  Block& block = TheBlock();
  bool is_any = false;
  const int threads = static_cast<int>(block.threads.size());
  for (int first = 0; first < threads; first += kWarpLanes) {
    for (int lane = 0; lane < kWarpLanes && first + lane < threads; ++lane) {
      Thread& thread = block.threads[static_cast<size_t>(first + lane)];
      if (thread.wait != Wait::kWarp) continue;
      bool is_whole = true;
      for (int other = 0; other < kWarpLanes; ++other) {
        if ((thread.mask >> other & 1) == 0) continue;
        if (first + other >= threads) Fail("waits for a lane that there is not");
        const Thread& peer = block.threads[static_cast<size_t>(first + other)];
        if (peer.wait == Wait::kEnded) Fail("waits for a lane that has ended");
        is_whole = is_whole && peer.wait == Wait::kWarp && peer.mask == thread.mask;
      }
      if (!is_whole) continue;
      const uint32_t mask = thread.mask;
      for (int other = 0; other < kWarpLanes; ++other) {
        if ((mask >> other & 1) == 0) continue;
        block.threads[static_cast<size_t>(first + other)].wait = Wait::kNone;
      }
      is_any = true;
    }
  }
  return is_any;
}

bool ReleaseBlock() {
  Block& block = TheBlock();
  for (const Thread& thread : block.threads) {
    if (thread.wait != Wait::kBlock) return false;
  }
  for (Thread& thread : block.threads) thread.wait = Wait::kNone;
  return true;
}

}  // namespace

void RunBlock(int threads, const std::function<void()>& body) {
  Block& block = TheBlock();
  block.body = &body;
  block.threads.assign(static_cast<size_t>(threads), {});
  block.started = 0;
  for (;;) {
    while (block.started < threads) Resume(IdleStack());
    bool is_all_ended = true;
    for (size_t at = 0; at < block.threads.size(); ++at) {
      Thread& thread = block.threads[at];
      if (thread.wait == Wait::kNone && thread.stack != nullptr) {
        Stack* const stack = thread.stack;
        thread.stack = nullptr;
        block.running = static_cast<int>(at);
        Resume(stack);
      }
      is_all_ended = is_all_ended && thread.wait == Wait::kEnded;
    }
    if (is_all_ended) return;
    if (!ReleaseWarps() && !ReleaseBlock()) {
      bool can_go_on = false;
      for (const Thread& thread : block.threads) can_go_on |= thread.wait == Wait::kNone;
      if (!can_go_on) Fail("a barrier that not all threads reach");
    }
  }
}

int ThreadInBlock() {
  return TheBlock().running;
}

void WaitForBlock() {
  WaitAs(Wait::kBlock, 0);
}

void WaitForWarp(uint32_t mask) {
  WaitAs(Wait::kWarp, mask);
}

uint64_t* WarpSlot(int lane) {
  Block& block = TheBlock();
  return &block.slots[block.running / kWarpLanes * kWarpLanes + lane];
}

}  // namespace spirogram::cuda_on_cpu
