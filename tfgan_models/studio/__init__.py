"""The studio: a page in the browser for looking at models and runs, and for judging and labeling pictures.

Each tab has a file. Its functions on arrays come first and need no Gradio. Its function ``build`` makes the tab, and is
the only place that imports Gradio. The page writes no file of its own but animations, and shows pictures as data in its
HTML, so that no file of this machine has to be served.
"""
