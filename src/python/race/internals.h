/* What CPython keeps to itself and changes from version to version: its frames and a dictionary's
 * views. In C, because CPython's internal headers are no C++. */
#pragma once

#include <Python.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Tells apart the frames that run at one time; the next call of a function may have the same. */
void* atonce_current_frame(void);
/* The cell of a closure variable, by its number among the frame's variables; borrowed, null when
 * there is none. */
PyObject* atonce_frame_cell(int index);
/* The dictionary of what its keys(), values() or items() gave; borrowed. */
PyObject* atonce_dict_of_view(PyObject* view);

#ifdef __cplusplus
}
#endif
