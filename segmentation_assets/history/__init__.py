"""Any day of any table: read where what is stored would come out the same now, else made in memory."""
