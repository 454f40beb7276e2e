"""What spreadsheets write into cells of their own accord, in the languages that people use them in."""

# ruff: noqa: RUF001, SIM905 - letters of other alphabets are the point, and lists of words are read as words

ERRORS = frozenset(
    """
    #REF! #N/A #DIV/0! #VALUE! #NAME? #NUM! #NULL! #ERROR! #SPILL! #CALC! #FIELD! #BLOCKED! #BUSY! #CONNECT!
    #UNKNOWN! #GETTING_DATA LOADING... ERR:501 ERR:502 ERR:503 ERR:504 ERR:508 ERR:509 ERR:511 ERR:522 ERR:523
    #BEZUG! #NV #WERT! #ZAHL! #ÜBERLAUF! #FEHLER! #VALEUR! #NOM? #NOMBRE! #NUL! #¡REF! #N/D #¡DIV/0! #¡VALOR!
    #¿NOMBRE? #¡NUM! #¡NULO! #RIF! #VALORE! #NOME? #NULLO! #VALOR! #NÚM! #NULO! #ADR! #N/D! #ARG! #NAZWA? #LICZBA!
    #ZERO! #ССЫЛКА! #Н/Д #ДЕЛ/0! #ЗНАЧ! #ИМЯ? #ЧИСЛО! #ПУСТО! #VERW! #N/B #DEEL/0! #WAARDE! #NAAM? #GETAL! #LEEG!
    #REFERENS! #SAKNAS! #DIVISION/0! #VÄRDEFEL! #NAMN? #OGILTIGT! #SKÄRNING! #REFERENCE! #I/T #VÆRDI! #NAVN?
    #VIITTAUS! #PUUTTUU! #JAKO/0! #ARVO! #NIMI? #LUKU! #TYHJÄ! #ODKAZ! #DĚLENÍ_NULOU! #HODNOTA! #NÁZEV? #ČÍSLO!
    #BAŞV! #YOK #SAYI/0! #DEĞER! #AD? #SAYI! #BOŞ! #HIV! #HIÁNYZIK #ZÉRÓOSZTÓ! #ÉRTÉK! #NÉV? #SZÁM! #NULLA!
    """.split()
)
"""Errors that a formula shows, and that stay behind as text, in upper case."""

TOTALS = frozenset(
    word.strip()
    for word in """
    tot; σ; ∑; ø; std; stddev; std dev; std. dev; standard deviation; standardabweichung; écart type; écart-type;
    variance; varianz; result; results; nombre;
    grand total; subtotal; sub-total; sub total; total; totals; sum; sums; count; counts; average; averages; avg;
    mean; means; median; minimum; min; maximum; max; gesamt; gesamtsumme; gesamtergebnis; insgesamt; zwischensumme;
    endsumme; summe; durchschnitt; mittelwert; anzahl; ergebnis; teilergebnis; totaux; sous-total; total général;
    somme; moyenne; totale; totali; subtotale; somma; media; total general; totales; promedio; suma; soma; média;
    totaal; eindtotaal; subtotaal; som; gemiddelde; razem; łącznie; ogółem; suma końcowa; średnia; celkem; součet;
    průměr; összesen; átlag; totalt; summa; medelvärde; genomsnitt; gennemsnit; i alt; yhteensä; keskiarvo; toplam;
    genel toplam; ortalama; общий итог; промежуточный итог; итого; итог; всего; сумма; среднее; среднее значение;
    разом; усього; середнє; σύνολο; μέσος όρος; סה"כ; סה״כ; סהכ; סך הכל; ממוצע; المجموع; الإجمالي; المتوسط; 合計; 小計;
    総計; 平均; 合计; 总计; 小计; 합계; 총계; 평균
    """.split(";")
)
"""What stands before totals, counts and averages, in lower case."""
