# Links by a fast linker where there is one: mold, else lld, else what the compiler takes by itself.
#
# mold counts from version 2 on. Debian 12's 1.10 never ends on some of our programs: it turns in a
# loop on one thread, whatever its options, and which program that is changes with the code.

function(spirogram_choose_linker)
  find_program(MOLD_PROGRAM mold)
  find_program(LLD_PROGRAM ld.lld)
  set(linker "")
  if(MOLD_PROGRAM)
    execute_process(COMMAND "${MOLD_PROGRAM}" --version OUTPUT_VARIABLE version ERROR_QUIET)
    if(version MATCHES "mold ([0-9.]+)" AND CMAKE_MATCH_1 VERSION_GREATER_EQUAL 2)
      set(linker mold)
    endif()
  endif()
  if(NOT linker AND LLD_PROGRAM)
    set(linker lld)
  endif()
  if(linker)
    message(STATUS "Linking by ${linker}")
    # What runs once at the start, and what hardly ever runs, stands apart from the rest, as the GNU
    # linker has it by itself: less of the program is in memory.
    add_link_options("$<$<LINK_LANGUAGE:C,CXX>:-fuse-ld=${linker};LINKER:-z,keep-text-section-prefix>")
  endif()
endfunction()

spirogram_choose_linker()
