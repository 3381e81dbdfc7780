"""What every HTTP operation takes and answers, a module for each module of routes."""
